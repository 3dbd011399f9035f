/* SPDX-License-Identifier: Apache-2.0 */
/* Mbed TLS includes it for format strings, which are not compiled. */
#ifndef ETLS_LIBC_INTTYPES_H
#define ETLS_LIBC_INTTYPES_H

#include <stdint.h>

#endif
