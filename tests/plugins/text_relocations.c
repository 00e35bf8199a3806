/* Holds an address in its code, which the loader has to write there. */
#include "deliver_all.h"
FIXTURE("text_relocations", deliver_all, 0);
__asm__(".pushsection .text\n.balign 8\n.quad observerd_plugin_entry_v1\n.popsection");
