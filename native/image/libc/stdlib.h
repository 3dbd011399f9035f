/* SPDX-License-Identifier: Apache-2.0 */
/* There is no libc heap; Mbed TLS's headers name these. Nothing that is linked calls them. */
#ifndef ETLS_LIBC_STDLIB_H
#define ETLS_LIBC_STDLIB_H

#include <stddef.h>

void *calloc(size_t count, size_t length);
void free(void *memory);
void exit(int status);

#endif
