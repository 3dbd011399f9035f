/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reduction modulo the primes of P-256 and P-384 (FIPS 186-4, D.2.3 and D.2.4) by one function that reads
 * the primes from a table, in place of Mbed TLS's two unrolled ones: 1.2 KB of flash less. And inverses.
 */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "core.h"

#include "etls_inverse.h"

#include <bignum_core.h>
#include <mbedtls/ecp.h>
#include <string.h>

#if ETLS_REDUCE_BY_TABLE

#define MOST_LIMBS 12
#define MOST_BELOW 7 /* the greatest exponent */

ETLS_ASSERT(limbs_of_32_bits, sizeof(mbedtls_mpi_uint) == 4);

/* What Mbed TLS's function is called in its own file: native/config/etls_group.h. */
int etls_group_load_plain(mbedtls_ecp_group *group, mbedtls_ecp_group_id id);

/* With n limbs of 32 bits in p and B = 2^32: B^n mod p is B^a + sign B^b - B^c + 1. */
typedef struct {
    int8_t n;
    int8_t a;
    int8_t b;
    int8_t c;
    int32_t sign;
} prime;

static const prime p256 = { 8, 7, 6, 3, -1 };
static const prime p384 = { 12, 4, 3, 1, 1 };

/* What the limbs above B^n add to one limb, `at` being as far above them as it is above B^0. */
static int64_t gather(const int64_t *at, const prime *p)
{
    int64_t b = at[-p->b];
    return at[-p->a] + (p->sign < 0 ? -b : b) - at[-p->c] + at[0];
}

/* x := x + carry mod p, limb by limb; returns the carry out. */
static int32_t add_carry(mbedtls_mpi_uint *x, const prime *p, int32_t carry)
{
    int64_t sum = carry;
    for (int32_t i = 0; i < p->n; i++) {
        sum += x[i];
        sum += i == p->a ? carry : i == p->b ? p->sign * carry : i == p->c ? -carry : 0;
        x[i] = (uint32_t) sum;
        sum >>= 32;
    }
    return (int32_t) sum;
}

/*
 * x := x mod p or p more, for x < p^2. The upper limbs are added to each other from the top down, and then to
 * the lower ones, where they stay within 2^36. The carry of that is within -5 to 5; see
 * mbedtls_ecp_mod_p256_raw() for the proof, and for that of it being 0 after two more rounds. Takes
 * the same time for all values.
 */
static int reduce(mbedtls_mpi *x, const prime *p)
{
    int64_t above[MOST_BELOW + 2 * MOST_LIMBS];
    int64_t *upper = above + MOST_BELOW;
    int64_t sum = 0;
    int32_t n = p->n;
    int result = mbedtls_mpi_grow(x, 2 * (size_t) n);
    if (result != 0) {
        return result;
    }
    memset(above, 0, sizeof(above));
    for (int32_t i = n - 1; i >= 0; i--) {
        upper[i] = x->p[n + i] + gather(upper + n + i, p);
        x->p[n + i] = 0;
    }
    for (int32_t i = 0; i < n; i++) {
        sum += x->p[i] + gather(upper + i, p);
        x->p[i] = (uint32_t) sum;
        sum >>= 32;
    }
    int32_t carry = add_carry(x->p, p, (int32_t) sum);
    carry = add_carry(x->p, p, carry);
    return carry == 0 ? 0 : MBEDTLS_ERR_ECP_BAD_INPUT_DATA;
}

static int reduce_p256(mbedtls_mpi *x)
{
    return reduce(x, &p256);
}

static int reduce_p384(mbedtls_mpi *x)
{
    return reduce(x, &p384);
}

int mbedtls_ecp_group_load(mbedtls_ecp_group *group, mbedtls_ecp_group_id id)
{
    int result = etls_group_load_plain(group, id);
    if (id == MBEDTLS_ECP_DP_SECP256R1) {
        group->modp = reduce_p256;
    } else if (id == MBEDTLS_ECP_DP_SECP384R1) {
        group->modp = reduce_p384;
    }
    return result;
}

#endif

#if ETLS_INVERSE_BY_POWER

/* Section 2.2 of SEC 1: x^-1 = x^(p-2) mod p, for primes, which the orders of curves and their fields are. */
int etls_inverse(mbedtls_mpi *to, const mbedtls_mpi *x, const mbedtls_mpi *p)
{
    mbedtls_mpi power;
    mbedtls_mpi_init(&power);
    int result = mbedtls_mpi_cmp_int(x, 0) != 0 ? 0 : MBEDTLS_ERR_MPI_NOT_ACCEPTABLE;
    if (result == 0) {
        result = mbedtls_mpi_sub_int(&power, p, 2);
    }
    if (result == 0) {
        result = mbedtls_mpi_exp_mod(to, x, &power, p, NULL);
    }
    mbedtls_mpi_free(&power);
    return result;
}

#endif
