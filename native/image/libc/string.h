/* SPDX-License-Identifier: Apache-2.0 */
/* What Mbed TLS and the core use of <string.h>; native/image/libc.c has it. */
#ifndef ETLS_LIBC_STRING_H
#define ETLS_LIBC_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *memory, int value, size_t length);
int memcmp(const void *a, const void *b, size_t length);
void *memchr(const void *memory, int value, size_t length);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t length);
char *strchr(const char *text, int character);

#endif
