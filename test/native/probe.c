/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests only: the health tests (native/src/health.c) and Mbed TLS's CTR_DRBG by themselves, as
 * they are built into the core, with simulated sources and with given seeds.
 */
#include "entropy.h"
#include "health.h"

#include <mbedtls/ctr_drbg.h>
#include <stddef.h>
#include <string.h>

/* ---- simulated sources through the health tests ---- */

/* What a run found, and where the caller reads it. */
static struct {
    uint32_t repetitions; /* alarms by test */
    uint32_t proportions;
    uint32_t windows;  /* of the adaptive proportion test that ended without alarm */
    uint32_t first;    /* samples up to and with the first alarm, 0 for none */
    uint32_t longest;  /* run */
    uint32_t most;     /* count in a window */
} found;

/* xorshift64* of Sebastiano Vigna, "An experimental exploration of Marsaglia's xorshift generators". */
static uint32_t random_word(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t) (*state * 0x2545F4914F6CDD1Du >> 32);
}

static etls_source simulated; /* its numbers are set by the caller */

/* 0 with probability likely / 2^32, otherwise one of the `others` values from 1 on. */
static uint8_t noise(uint64_t *state, uint32_t likely, uint32_t others)
{
    if (random_word(state) < likely) {
        return 0;
    }
    return (uint8_t) (1 + (uint32_t) ((uint64_t) random_word(state) * others >> 32));
}

static void count(etls_health *health, uint32_t at)
{
    found.repetitions += health->failed == ETLS_HEALTH_REPETITION;
    found.proportions += health->failed == ETLS_HEALTH_PROPORTION;
    found.first = found.first == 0 ? at : found.first;
    memset(health, 0, sizeof(*health));
}

/* Returns the address of the results; 24 bytes. */
const void *probe_found(void);
const void *probe_found(void)
{
    return &found;
}

void probe_source(uint32_t repetitions, uint32_t proportion, uint32_t window);
void probe_source(uint32_t repetitions, uint32_t proportion, uint32_t window)
{
    simulated.repetitions = (uint16_t) repetitions;
    simulated.proportion = (uint16_t) proportion;
    simulated.window = (uint16_t) window;
    memset(&found, 0, sizeof(found));
}

/* `period` is 0 for noise, otherwise every so manyth sample is 0 and the others count up. */
void probe_run(uint32_t samples, uint32_t likely, uint32_t others, uint32_t period);
void probe_run(uint32_t samples, uint32_t likely, uint32_t others, uint32_t period)
{
    etls_health health;
    uint64_t state = 0x9E3779B97F4A7C15u ^ likely;
    memset(&health, 0, sizeof(health));
    for (uint32_t i = 0; i < samples; i++) {
        uint8_t sample = period == 0 ? noise(&state, likely, others) : (uint8_t) (i % period);
        if (etls_health_take(&health, &simulated, sample) != ETLS_HEALTH_GOOD) {
            count(&health, i + 1);
        } else {
            found.windows += health.position == 0;
        }
        found.longest = health.longest > found.longest ? health.longest : found.longest;
        found.most = health.most > found.most ? health.most : found.most;
    }
}

/* Bytes of the arena for sources, tests and pool; the generator's own lie behind them. */
uint32_t probe_state(void);
uint32_t probe_state(void)
{
    return (uint32_t) offsetof(etls_entropy, drbg);
}

/* ---- the generator ---- */

/* What a call takes, each with its length, and what it gives. */
enum { PERSONALISATION, ENTROPY, FIRST, RESEED, SECOND, RESULT, TEXTS };
static struct {
    uint32_t length;
    uint8_t bytes[252];
} texts[TEXTS];
static uint32_t used; /* bytes of ENTROPY */

/* Returns the address of the six texts, 256 bytes each: a length, then bytes. */
void *probe_texts(void);
void *probe_texts(void)
{
    return texts;
}

static int fetch(void *unused, unsigned char *out, size_t length)
{
    (void) unused;
    if (used + length > texts[ENTROPY].length) {
        return -1;
    }
    memcpy(out, texts[ENTROPY].bytes + used, length);
    used += (uint32_t) length;
    return 0;
}

static int generate(mbedtls_ctr_drbg_context *drbg, uint32_t additional)
{
    return mbedtls_ctr_drbg_random_with_add(drbg, texts[RESULT].bytes, texts[RESULT].length,
                                            texts[additional].bytes, texts[additional].length);
}

static int reseed(mbedtls_ctr_drbg_context *drbg)
{
    return mbedtls_ctr_drbg_reseed(drbg, texts[RESEED].bytes, texts[RESEED].length);
}

/*
 * Instantiates with `seed` bytes at a time, generates twice and keeps the second result. `reseeds`: 0
 * never, 1 before the first, 2 before the second, 3 before each (prediction resistance). Returns an error
 * of Mbed TLS or 0.
 */
int32_t probe_drbg(uint32_t seed, uint32_t reseeds);
int32_t probe_drbg(uint32_t seed, uint32_t reseeds)
{
    mbedtls_ctr_drbg_context drbg;
    used = 0;
    mbedtls_ctr_drbg_init(&drbg);
    mbedtls_ctr_drbg_set_entropy_len(&drbg, seed);
    int result = mbedtls_ctr_drbg_set_nonce_len(&drbg, 0);
    if (result == 0) {
        result = mbedtls_ctr_drbg_seed(&drbg, fetch, NULL, texts[PERSONALISATION].bytes,
                                       texts[PERSONALISATION].length);
    }
    mbedtls_ctr_drbg_set_prediction_resistance(&drbg, reseeds == 3);
    if (result == 0 && reseeds == 1) {
        result = reseed(&drbg);
    }
    if (result == 0) {
        result = generate(&drbg, FIRST);
    }
    if (result == 0 && reseeds == 2) {
        result = reseed(&drbg);
    }
    if (result == 0) {
        result = generate(&drbg, SECOND);
    }
    mbedtls_ctr_drbg_free(&drbg);
    return result;
}
