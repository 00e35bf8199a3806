#ifndef EXAMPLE_MEMBER_H
#define EXAMPLE_MEMBER_H

#include <observerd/plugin.h>

/* The string member of that name of a flat JSON object whose members are all strings, which is what
   this plugin's schema allows. NULL when there is none, or the text is no such object, or the
   string holds a NUL; else NUL-terminated, to be freed. A plugin with settings of more kinds takes
   one of the JSON libraries for C. */
char* member(observerd_str object, const char* name);

#endif
