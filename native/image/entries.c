/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image's header and its entries. The only code that writes r9, the base of the static data;
 * build.mjs proves that from the disassembly.
 */
#include "image.h"

#define COUNT(name) ETLS_ENTRY_##name,
enum { ETLS_ENTRIES(COUNT) ETLS_ENTRY_END };

typedef char etls_assert_entries[ETLS_ENTRY_END * 4 <= 256 ? 1 : -1]; /* movs takes 8 bits */

/* What the entries call: the functions of etls.h, but for the one that makes the static data. */
#define etls_open etls_image_open
#define TARGET(name) (void (*)(void)) etls_##name,
static void (*const targets[])(void) = {ETLS_ENTRIES(TARGET)};
#undef etls_open

/*
 * In: r0 arena, r1 to r3 arguments, r4 offset of the target, and on the stack what an entry pushed.
 * The core lies behind the static data; no arena stays none.
 */
__attribute__((naked, used)) static void call(void)
{
    __asm__("mov r5, r9\n"
            "mov r9, r0\n"
            "ldr r6, 1f\n"
            "ldr r4, [r6, r4]\n"
            "cmp r0, #0\n"
            "beq 3f\n"
            "ldr r6, 2f\n"
            "adds r0, r0, r6\n"
            "3: blx r4\n"
            "mov r9, r5\n"
            "pop {r4, r5, r6, pc}\n"
            ".balign 4\n"
            "1: .word %c0\n"
            "2: .word etls_statics_size\n"
            :
            : "i"(targets));
}

/* One entry: the caller's registers, the number, and on to call(). */
#define ENTRY_FUNCTION(name)                                                                      \
    __attribute__((naked)) static void entry_##name(void)                                         \
    {                                                                                             \
        __asm__("push {r4, r5, r6, lr}\n"                                                         \
                "movs r4, %0\n"                                                                   \
                "b %c1\n"                                                                         \
                :                                                                                 \
                : "i"(ETLS_ENTRY_##name * 4), "i"(call));                                         \
    }
ETLS_ENTRIES(ENTRY_FUNCTION)

#define ENTRY_ADDRESS(name) entry_##name,
__attribute__((section(".header"), used)) const etls_image_header etls_image = {
    .magic = ETLS_IMAGE_MAGIC,
    .format = ETLS_IMAGE_FORMAT,
    .abi = ETLS_ABI_VERSION,
    .chip = ETLS_IMAGE_CHIP,
    .profile = ETLS_IMAGE_PROFILE,
    .entries = ETLS_IMAGE_ENTRIES,
    .entry = {ETLS_ENTRIES(ENTRY_ADDRESS)},
};
