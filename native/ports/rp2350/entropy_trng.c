/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RP2350: the true random number generator (datasheet section 12.12) with its own three checks left
 * on: von Neumann balance, CRNGT (no two equal blocks), autocorrelation.
 *
 * Width 1, credit 1/2 bit: the bits come balanced and checked, and half is what is left for what
 * those checks do not see. The datasheet (12.12.2) recommends chain lengths 0 and 1 with 20 to 25
 * clocks between samples: a block of 192 bits then takes some 2 ms, and sometimes a check fails
 * without anything being wrong, so a block is tried several times.
 */
#include "etls_port.h"

#define TRNG ((volatile uint32_t *) 0x400F0000u) /* section 12.12.5 */
#define RNG_ISR (TRNG[0x104 / 4])
#define RNG_ISR_EHR_VALID (1u << 0)
#define RNG_ISR_FAILED (7u << 1) /* autocorrelation, CRNGT, von Neumann */
#define RNG_ICR (TRNG[0x108 / 4])
#define TRNG_CONFIG (TRNG[0x10C / 4])
#define EHR_DATA (&TRNG[0x114 / 4]) /* 6 words; reading the last one starts the next block */
#define RND_SOURCE_ENABLE (TRNG[0x12C / 4])
#define SAMPLE_CNT1 (TRNG[0x130 / 4])
#define TRNG_DEBUG_CONTROL (TRNG[0x138 / 4]) /* 0: no check is bypassed */
#define TRNG_SW_RESET (TRNG[0x140 / 4])

#define SAMPLE_CYCLES 25u  /* system clocks between two samples of the oscillator */
#define CHAIN_LENGTH 0u    /* the shortest chain of inverters */
#define TRIES 8u           /* of a block whose checks fail, before the generator counts as broken */
#define PATIENCE 10000000u /* turns until one that gives nothing counts as dead: a second or so */
#define SETTLE 64u         /* turns that a reset takes at most */

/* A failed autocorrelation check stops the generator until it is reset. */
static void start(void)
{
    TRNG_SW_RESET = 1;
    for (volatile uint32_t turn = 0; turn < SETTLE; turn++) {
    }
    TRNG_DEBUG_CONTROL = 0;
    TRNG_CONFIG = CHAIN_LENGTH;
    SAMPLE_CNT1 = SAMPLE_CYCLES;
    RNG_ICR = RNG_ISR_EHR_VALID | RNG_ISR_FAILED;
    RND_SOURCE_ENABLE = 1;
}

/* Waits for a block: 1 when it is there, 0 when a check failed, -1 when nothing comes. */
static int32_t await_block(void)
{
    for (uint32_t turn = 0; turn < PATIENCE; turn++) {
        uint32_t status = RNG_ISR;
        if ((status & RNG_ISR_FAILED) != 0) {
            return 0;
        }
        if ((status & RNG_ISR_EHR_VALID) != 0) {
            return 1;
        }
    }
    return -1;
}

/* One bit a sample: two words of a block for 64 samples; the rest of the block is dropped. */
static int32_t poll_trng(uint8_t *samples, uint32_t count)
{
    int32_t state = 0;
    for (uint32_t tries = 0; tries < TRIES && state == 0; tries++) {
        start();
        state = await_block();
    }
    for (uint32_t i = 0; i < count && state == 1; i++) {
        samples[i] = (uint8_t) (EHR_DATA[i / 32] >> (i % 32) & 1u);
    }
    RND_SOURCE_ENABLE = 0;
    return state == 1 ? (int32_t) count : -1;
}

static const etls_source trng = ETLS_SOURCE_BINARY("trng", 8, 0, poll_trng);

const etls_source *etls_port_source(uint32_t index)
{
    return index == 0 ? &trng : NULL;
}
