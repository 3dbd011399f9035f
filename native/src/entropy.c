/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers: a CTR_DRBG (NIST SP 800-90A section 10.2.1) seeded by the port. */
#include "core.h"
#include "etls_port.h"

#include <mbedtls/entropy.h>

#if defined(MBEDTLS_PSA_CRYPTO_C)
#include <psa/crypto.h>
#endif

/* The generator's f_entropy. */
static int fetch(void *unused, unsigned char *out, size_t length)
{
    (void) unused;
    return etls_port_entropy(out, (uint32_t) length) == 0 ? 0 : MBEDTLS_ERR_ENTROPY_SOURCE_FAILED;
}

static int32_t seed(etls_core *core)
{
    if (core->seeded) {
        return ETLS_OK;
    }
    if (mbedtls_ctr_drbg_seed(&core->drbg, fetch, NULL, NULL, 0) != 0) {
        mbedtls_ctr_drbg_free(&core->drbg);
        mbedtls_ctr_drbg_init(&core->drbg);
        return ETLS_ERR_NO_ENTROPY;
    }
    core->seeded = true;
    return ETLS_OK;
}

int etls_random(void *unused, unsigned char *out, size_t length)
{
    (void) unused;
    return mbedtls_ctr_drbg_random(&etls_current->drbg, out, length);
}

#if defined(MBEDTLS_PSA_CRYPTO_C)

psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                             uint8_t *output, size_t size, size_t *length)
{
    (void) context;
    *length = 0;
    while (*length < size) {
        size_t piece = size - *length;
        if (piece > MBEDTLS_CTR_DRBG_MAX_REQUEST) {
            piece = MBEDTLS_CTR_DRBG_MAX_REQUEST;
        }
        if (etls_random(NULL, output + *length, piece) != 0) {
            return PSA_ERROR_INSUFFICIENT_ENTROPY;
        }
        *length += piece;
    }
    return PSA_SUCCESS;
}

static int32_t start_psa(etls_core *core)
{
    if (!core->psa_ready && psa_crypto_init() != PSA_SUCCESS) {
        return ETLS_ERR_INTERNAL;
    }
    core->psa_ready = true;
    return ETLS_OK;
}

static void stop_psa(void)
{
    mbedtls_psa_crypto_free();
}

#else

static int32_t start_psa(etls_core *core)
{
    core->psa_ready = true;
    return ETLS_OK;
}

static void stop_psa(void)
{
}

#endif

int32_t etls_entropy_start(etls_core *core)
{
    int32_t error = seed(core);
    return error != ETLS_OK ? error : start_psa(core);
}

void etls_entropy_stop(etls_core *core)
{
    if (core->psa_ready) {
        stop_psa();
        core->psa_ready = false;
    }
    mbedtls_ctr_drbg_free(&core->drbg);
    core->seeded = false;
}
