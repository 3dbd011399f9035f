/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random numbers. Raw samples of the port's sources, tested one by one (health.c), and what the host
 * adds go through SHA-256 into a pool of 256 bits (NIST SP 800-90B section 3.1.5); with twice as
 * many credited bits as it gives out, the pool seeds Mbed TLS's CTR_DRBG (NIST SP 800-90A section
 * 10.2.1).
 */
#include "core.h"

#include <mbedtls/entropy.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#include <string.h>

#define POLL 64u     /* samples that are taken at once */
#define IDENTITY 16u /* bytes of the chip's */
#define FULL (ETLS_POOL_BITS * ETLS_CREDIT_STEPS) /* credit that fills the pool, 1/16 bit */

/* ---- samples to pool ---- */

static int32_t refuse(etls_entropy *entropy, uint32_t source, int32_t error)
{
    entropy->blamed = (uint8_t) source;
    entropy->error = error;
    return error;
}

static void credit(etls_entropy *entropy, uint32_t steps)
{
    uint32_t sum = entropy->credit + steps;
    entropy->credit = (uint16_t) (sum < FULL ? sum : FULL);
}

/* Takes some samples, tests and hashes them. */
static int32_t take(etls_entropy *entropy, uint32_t index, mbedtls_sha256_context *hash,
                    uint32_t *taken)
{
    const etls_source *source = etls_port_source(index);
    uint8_t samples[POLL];
    int32_t count = source->poll(samples, POLL);
    if (count <= 0 || count > (int32_t) POLL) {
        return refuse(entropy, index, ETLS_ERR_NO_ENTROPY);
    }
    for (int32_t i = 0; i < count && !entropy->failed; i++) {
        entropy->failed =
            etls_health_take(&entropy->health[index], source, samples[i]) != ETLS_HEALTH_GOOD;
    }
    int result = mbedtls_sha256_update(hash, samples, (size_t) count);
    mbedtls_platform_zeroize(samples, sizeof(samples));
    if (entropy->failed) {
        return refuse(entropy, index, ETLS_ERR_ENTROPY_FAILED);
    }
    credit(entropy, (uint32_t) count * source->credit);
    *taken += (uint32_t) count;
    return result == 0 ? ETLS_OK : ETLS_ERR_INTERNAL;
}

/*
 * Whether a source has passed its start-up test, and has given in this turn as many samples as the
 * repetition count test needs to notice that it is stuck.
 */
static bool is_heard(const etls_entropy *entropy, uint32_t index, uint32_t taken)
{
    return entropy->health[index].samples >= ETLS_STARTUP_SAMPLES &&
           taken >= etls_port_source(index)->repetitions;
}

/* Hears each source, and goes on until the pool is worth `need`, in 1/16 bit. */
static int32_t hear(etls_entropy *entropy, uint32_t need, mbedtls_sha256_context *hash)
{
    uint32_t taken[ETLS_MAX_SOURCES] = { 0 };
    if (entropy->failed) {
        return refuse(entropy, entropy->blamed, ETLS_ERR_ENTROPY_FAILED);
    }
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < ETLS_MAX_SOURCES && etls_port_source(i) != NULL; i++) {
            if (entropy->credit >= need && is_heard(entropy, i, taken[i])) {
                continue;
            }
            int32_t error = take(entropy, i, hash, &taken[i]);
            if (error != ETLS_OK) {
                return error;
            }
            more = true;
        }
    }
    /* Without sources the host may not have added enough. */
    return entropy->credit >= need ? ETLS_OK : refuse(entropy, 0, ETLS_ERR_NO_ENTROPY);
}

/* Hashes into the pool: `length` bytes of `data`, or, when it is null, what the sources give. */
static int32_t gather(etls_entropy *entropy, uint32_t need, const uint8_t *data, uint32_t length)
{
    mbedtls_sha256_context hash;
    mbedtls_sha256_init(&hash);
    int result = mbedtls_sha256_starts(&hash, 0);
    result |= mbedtls_sha256_update(&hash, entropy->pool, ETLS_POOL_SIZE);
    int32_t error = ETLS_OK;
    if (data != NULL) {
        result |= mbedtls_sha256_update(&hash, data, length);
    } else {
        error = hear(entropy, need, &hash);
    }
    result |= mbedtls_sha256_finish(&hash, entropy->pool);
    mbedtls_sha256_free(&hash);
    return result == 0 ? error : ETLS_ERR_INTERNAL;
}

int32_t etls_entropy_add(etls_core *core, const uint8_t *data, uint32_t length, uint32_t credited)
{
    int32_t error = etls_enter(core);
    if (error != ETLS_OK) {
        return error;
    }
    if (length == 0 || data == NULL || credited / 8 > length ||
        (credited / 8 == length && credited % 8 != 0)) {
        return ETLS_ERR_BAD_ARGUMENT;
    }
    credit(&core->entropy, (credited < ETLS_POOL_BITS ? credited : ETLS_POOL_BITS) * ETLS_CREDIT_STEPS);
    core->entropy.added = true;
    return gather(&core->entropy, 0, data, length);
}

/* ---- pool to generator ---- */

/* The generator's f_entropy: gives out the pool, which is empty then. */
static int fetch(void *state, unsigned char *out, size_t length)
{
    etls_entropy *entropy = state;
    if (length != ETLS_POOL_SIZE || gather(entropy, FULL, NULL, 0) != ETLS_OK) {
        return MBEDTLS_ERR_ENTROPY_SOURCE_FAILED;
    }
    memcpy(out, entropy->pool, length);
    mbedtls_platform_zeroize(entropy->pool, ETLS_POOL_SIZE);
    entropy->credit = 0;
    entropy->added = false;
    return 0;
}

/* The time in seconds; it only has to go on. */
static uint32_t now(void)
{
    return (uint32_t) ((uint64_t) etls_clock_ms() / 1000u);
}

static bool is_fast(void)
{
    bool fast = etls_port_source(0) != NULL;
    for (uint32_t i = 0; i < ETLS_MAX_SOURCES && etls_port_source(i) != NULL; i++) {
        fast = fast && etls_port_source(i)->fast != 0;
    }
    return fast;
}

static int32_t settle(etls_entropy *entropy, int result)
{
    if (result != 0) {
        return entropy->error != ETLS_OK ? entropy->error : ETLS_ERR_NO_ENTROPY;
    }
    entropy->seeded = true;
    entropy->seedings++;
    entropy->seeded_at = now();
    return ETLS_OK;
}

static int32_t seed(etls_entropy *entropy)
{
    uint8_t custom[IDENTITY + sizeof(int64_t)];
    int64_t time = etls_clock_ms();
    uint32_t length = etls_port_identity(custom, IDENTITY);
    memcpy(custom + length, &time, sizeof(time));
    mbedtls_ctr_drbg_init(&entropy->drbg);
    /* 256 bits of entropy in one piece; the chip's identity and the time are the nonce. */
    (void) mbedtls_ctr_drbg_set_nonce_len(&entropy->drbg, 0);
    mbedtls_ctr_drbg_set_reseed_interval(&entropy->drbg, ETLS_RESEED_REQUESTS);
    int result = mbedtls_ctr_drbg_seed(&entropy->drbg, fetch, entropy, custom, length + sizeof(time));
    if (result != 0) {
        mbedtls_ctr_drbg_free(&entropy->drbg);
    }
    mbedtls_ctr_drbg_set_prediction_resistance(&entropy->drbg, is_fast());
    return settle(entropy, result);
}

/* Hears the sources again before a session, and seeds anew when it is time to. */
static int32_t refresh(etls_entropy *entropy)
{
    int32_t error = gather(entropy, 0, NULL, 0);
    bool due = entropy->added || entropy->credit >= FULL ||
               now() - entropy->seeded_at >= ETLS_RESEED_SECONDS;
    if (error != ETLS_OK || !due) {
        return error;
    }
    return settle(entropy, mbedtls_ctr_drbg_reseed(&entropy->drbg, NULL, 0));
}

int etls_random(void *unused, unsigned char *out, size_t length)
{
    (void) unused;
    etls_entropy *entropy = &etls_current->entropy;
    if (entropy->failed || !entropy->seeded) {
        entropy->error = entropy->failed ? ETLS_ERR_ENTROPY_FAILED : ETLS_ERR_NO_ENTROPY;
        return MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
    }
    return mbedtls_ctr_drbg_random(&entropy->drbg, out, length);
}

int32_t etls_entropy_save(etls_core *core, uint8_t *out, uint32_t length)
{
    int32_t error = etls_enter(core);
    if (error == ETLS_OK && (out == NULL || length < 16 || length > 64)) {
        error = ETLS_ERR_BAD_ARGUMENT;
    }
    if (error == ETLS_OK) {
        error = etls_entropy_start(core);
    }
    if (error == ETLS_OK && etls_random(NULL, out, length) != 0) {
        error = core->entropy.error;
    }
    return error;
}

int32_t etls_entropy_start(etls_core *core)
{
    etls_entropy *entropy = &core->entropy;
    entropy->error = ETLS_OK;
    return entropy->seeded ? refresh(entropy) : seed(entropy);
}

void etls_entropy_stop(etls_core *core)
{
    mbedtls_ctr_drbg_free(&core->entropy.drbg);
    core->entropy.seeded = false;
}
