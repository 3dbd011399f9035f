/* SPDX-License-Identifier: Apache-2.0 */
/* native/src/reduce.c as profile `small` has it, for test/reduce.test.ts: numbers in, numbers out. */
#include "../../native/src/reduce.c"

#include <stdlib.h>

uint32_t *probe_number(void);
uint32_t *probe_modulus(void);
int probe_reduce(int bits);
int probe_inverse(int limbs);

static uint32_t number[2 * MOST_LIMBS]; /* least limb first */
static uint32_t modulus[MOST_LIMBS];

void *etls_mbedtls_calloc(size_t count, size_t length)
{
    return calloc(count, length);
}

void etls_mbedtls_free(void *memory)
{
    free(memory);
}

/* Groups are not loaded here. */
int etls_group_load_plain(mbedtls_ecp_group *group, mbedtls_ecp_group_id id)
{
    (void) group;
    (void) id;
    return MBEDTLS_ERR_ECP_FEATURE_UNAVAILABLE;
}

uint32_t *probe_number(void)
{
    return number;
}

uint32_t *probe_modulus(void)
{
    return modulus;
}

static int take(mbedtls_mpi *x, const uint32_t *limbs, size_t count)
{
    mbedtls_mpi_init(x);
    int result = mbedtls_mpi_grow(x, count);
    if (result == 0) {
        memcpy(x->p, limbs, count * sizeof(*limbs));
    }
    return result;
}

/* number := number mod the prime of P-256 or P-384, or that much more. */
int probe_reduce(int bits)
{
    mbedtls_mpi x;
    size_t limbs = (size_t) bits / 16;
    int result = take(&x, number, limbs);
    if (result == 0) {
        result = bits == 256 ? reduce_p256(&x) : reduce_p384(&x);
        memcpy(number, x.p, limbs * sizeof(*number));
    }
    mbedtls_mpi_free(&x);
    return result;
}

/* number := number^-1 mod modulus. */
int probe_inverse(int limbs)
{
    mbedtls_mpi x;
    mbedtls_mpi p;
    mbedtls_mpi inverse;
    int result = take(&x, number, (size_t) limbs) | take(&p, modulus, (size_t) limbs);
    mbedtls_mpi_init(&inverse);
    if (result == 0) {
        result = etls_inverse(&inverse, &x, &p);
    }
    if (result == 0) {
        memset(number, 0, sizeof(number));
        memcpy(number, inverse.p, (inverse.n < MOST_LIMBS ? inverse.n : MOST_LIMBS) * sizeof(*number));
    }
    mbedtls_mpi_free(&x);
    mbedtls_mpi_free(&p);
    mbedtls_mpi_free(&inverse);
    return result;
}
