/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raspberry Pi RP2350. Registers: RP2350 datasheet, section 12.12.5 (TRNG) and 12.8.5 (TIMER0).
 *
 * Entropy is the chip's true random number generator with all of its own checks left on: it delivers
 * 192 bits at a time, or says which check failed.
 */
#include "etls_port.h"

#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#include <string.h>

#define TRNG ((volatile uint32_t *) 0x400F0000u)
#define RNG_ISR (TRNG[0x104 / 4])
#define RNG_ISR_EHR_VALID (1u << 0)
#define RNG_ISR_FAILED (7u << 1) /* autocorrelation, CRNGT, von Neumann */
#define RNG_ICR (TRNG[0x108 / 4])
#define EHR_DATA (&TRNG[0x114 / 4]) /* 6 words */
#define EHR_WORDS 6u
#define RND_SOURCE_ENABLE (TRNG[0x12C / 4])
#define SAMPLE_CNT1 (TRNG[0x130 / 4])
#define TRNG_DEBUG_CONTROL (TRNG[0x138 / 4]) /* 0: no check is bypassed */
#define TIMER_TIMERAWH (*(const volatile uint32_t *) 0x400B0024u)
#define TIMER_TIMERAWL (*(const volatile uint32_t *) 0x400B0028u)

#define SAMPLE_CYCLES 1000u /* system clocks between two samples of the oscillator */
#define PATIENCE 10000000u  /* polls until a generator that gives nothing counts as dead */
#define HASH_SIZE 32u
#define BLOCKS 3u /* of 192 bits for one hash: more than two bits in for one out */

/* Reads one block; false when a check failed or nothing comes. */
static int read_block(uint32_t *out)
{
    for (uint32_t turn = 0; turn < PATIENCE; turn++) {
        uint32_t status = RNG_ISR;
        if ((status & RNG_ISR_FAILED) != 0) {
            RNG_ICR = status;
            return 0;
        }
        if ((status & RNG_ISR_EHR_VALID) != 0) {
            for (uint32_t word = 0; word < EHR_WORDS; word++) {
                out[word] = EHR_DATA[word]; /* reading the last one starts the next block */
            }
            RNG_ICR = RNG_ISR_EHR_VALID;
            return 1;
        }
    }
    return 0;
}

static int32_t gather(uint8_t *out, uint32_t length)
{
    uint32_t raw[BLOCKS * EHR_WORDS];
    uint8_t hash[HASH_SIZE];
    int32_t error = 0;
    while (error == 0 && length > 0) {
        uint32_t piece = length < HASH_SIZE ? length : HASH_SIZE;
        for (uint32_t block = 0; block < BLOCKS && error == 0; block++) {
            error = read_block(&raw[block * EHR_WORDS]) ? 0 : -1;
        }
        if (error == 0) {
            error = mbedtls_sha256((const uint8_t *) raw, sizeof(raw), hash, 0);
            memcpy(out, hash, piece);
        }
        out += piece;
        length -= piece;
    }
    mbedtls_platform_zeroize(raw, sizeof(raw));
    mbedtls_platform_zeroize(hash, sizeof(hash));
    return error;
}

int32_t etls_port_entropy(uint8_t *out, uint32_t length)
{
    TRNG_DEBUG_CONTROL = 0;
    SAMPLE_CNT1 = SAMPLE_CYCLES;
    RNG_ICR = RNG_ISR_EHR_VALID | RNG_ISR_FAILED;
    RND_SOURCE_ENABLE = 1;
    int32_t error = gather(out, length);
    RND_SOURCE_ENABLE = 0;
    return error;
}

int64_t etls_port_time(void)
{
    return 0; /* etls_clock_set() */
}

int64_t etls_port_uptime(void)
{
    uint32_t high;
    uint32_t low;
    do { /* the raw halves are not latched: again when the upper one moved meanwhile */
        high = TIMER_TIMERAWH;
        low = TIMER_TIMERAWL;
    } while (high != TIMER_TIMERAWH);
    return (int64_t) (((uint64_t) high << 32 | low) / 1000u);
}
