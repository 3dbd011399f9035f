/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before ecp.c and ecdsa.c, and before them only (native/sources.mjs): with
 * ETLS_INVERSE_BY_POWER, inverses modulo primes are powers, so that Mbed TLS's algorithm for any
 * modulus is not in the build where RSA does not need it. native/src/reduce.c has the function.
 */
#ifndef ETLS_INVERSE_H
#define ETLS_INVERSE_H

#include "common.h"
#include <mbedtls/bignum.h>
#include "bignum_internal.h"

int etls_inverse(mbedtls_mpi *to, const mbedtls_mpi *x, const mbedtls_mpi *p);

#if ETLS_INVERSE_BY_POWER
/* Where nobody asks for the common divisor, the first argument. */
#define mbedtls_mpi_gcd_modinv_odd(divisor, to, x, p) etls_inverse(to, x, p)
#endif

#endif
