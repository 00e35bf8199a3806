// Nothing but its precompiled headers is used.
