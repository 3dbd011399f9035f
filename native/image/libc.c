/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few functions of libc and of the ARM run-time ABI (RTABI, ARM IHI 0043) that the compiler
 * and Mbed TLS call. Small first; what is hot works in words.
 */
#include <stdint.h>
#include <string.h>

#define WORD 4u
#define BLOCK 16u /* four words a turn, so that the loop itself counts less */

static int is_aligned(const void *a, const void *b)
{
    return (((uintptr_t) a | (uintptr_t) b) & (WORD - 1u)) == 0;
}

void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    if (is_aligned(out, in)) {
        for (; length >= BLOCK; length -= BLOCK, out += BLOCK, in += BLOCK) {
            uint32_t *words = (uint32_t *) (void *) out;
            const uint32_t *from_words = (const uint32_t *) (const void *) in;
            words[0] = from_words[0];
            words[1] = from_words[1];
            words[2] = from_words[2];
            words[3] = from_words[3];
        }
        for (; length >= WORD; length -= WORD, out += WORD, in += WORD) {
            *(uint32_t *) (void *) out = *(const uint32_t *) (const void *) in;
        }
    }
    while (length-- > 0) {
        *out++ = *in++;
    }
    return to;
}

void *memmove(void *to, const void *from, size_t length)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    if ((uintptr_t) out - (uintptr_t) in >= length) {
        return memcpy(to, from, length);
    }
    while (length-- > 0) {
        out[length] = in[length];
    }
    return to;
}

void *memset(void *memory, int value, size_t length)
{
    uint8_t *out = memory;
    if (is_aligned(out, out)) {
        uint32_t word = (uint8_t) value * 0x01010101u;
        for (; length >= BLOCK; length -= BLOCK, out += BLOCK) {
            uint32_t *words = (uint32_t *) (void *) out;
            words[0] = word;
            words[1] = word;
            words[2] = word;
            words[3] = word;
        }
        for (; length >= WORD; length -= WORD, out += WORD) {
            *(uint32_t *) (void *) out = word;
        }
    }
    while (length-- > 0) {
        *out++ = (uint8_t) value;
    }
    return memory;
}

int memcmp(const void *a, const void *b, size_t length)
{
    const uint8_t *left = a;
    const uint8_t *right = b;
    for (; length > 0; length--, left++, right++) {
        if (*left != *right) {
            return *left - *right;
        }
    }
    return 0;
}

void *memchr(const void *memory, int value, size_t length)
{
    const uint8_t *at = memory;
    for (; length > 0; length--, at++) {
        if (*at == (uint8_t) value) {
            return (void *) (uintptr_t) at;
        }
    }
    return NULL;
}

size_t strlen(const char *text)
{
    size_t length = 0;
    while (text[length] != '\0') {
        length++;
    }
    return length;
}

int strncmp(const char *a, const char *b, size_t length)
{
    for (; length > 0; length--, a++, b++) {
        if (*a != *b || *a == '\0') {
            return (uint8_t) *a - (uint8_t) *b;
        }
    }
    return 0;
}

char *strchr(const char *text, int character)
{
    for (; *text != (char) character; text++) {
        if (*text == 0) {
            return NULL;
        }
    }
    return (char *) (uintptr_t) text;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}
