/* SPDX-License-Identifier: Apache-2.0 */
/* The random generator and what feeds it. */
#ifndef ETLS_ENTROPY_H
#define ETLS_ENTROPY_H

#include "etls_budget.h"
#include "health.h"

#include <mbedtls/ctr_drbg.h>

#define ETLS_POOL_SIZE 32 /* bytes: one SHA-256 */

/* Credited bits that make ETLS_POOL_SIZE bytes of full entropy: two for one. */
#define ETLS_POOL_BITS (2 * 8 * ETLS_POOL_SIZE)

/* Part of the core; all 0 at the start. */
typedef struct {
    bool seeded;
    bool failed;     /* a health test has, and nothing is given out any more */
    bool added;      /* the host has added something: reseed before the next session */
    uint8_t blamed;  /* the source of the last error */
    uint16_t credit; /* of the pool, 1/16 bit */
    int32_t error;   /* why the generator has refused in this call, or 0 */
    uint32_t seeded_at; /* seconds by the port's clock */
    uint32_t seedings;
    uint8_t pool[ETLS_POOL_SIZE]; /* what was taken and not yet used */
    etls_health health[ETLS_MAX_SOURCES];
    mbedtls_ctr_drbg_context drbg;
} etls_entropy;

#endif
