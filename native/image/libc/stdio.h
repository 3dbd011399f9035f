/* SPDX-License-Identifier: Apache-2.0 */
/* There is no standard I/O; Mbed TLS's headers name these. Nothing that is linked calls them. */
#ifndef ETLS_LIBC_STDIO_H
#define ETLS_LIBC_STDIO_H

#include <stdarg.h>
#include <stddef.h>

typedef struct etls_no_file FILE;
int printf(const char *format, ...);
int fprintf(FILE *file, const char *format, ...);
int snprintf(char *out, size_t length, const char *format, ...);
int vsnprintf(char *out, size_t length, const char *format, va_list values);

#endif
