/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raspberry Pi RP2040. Registers: RP2040 datasheet, section 2.17.8 (ROSC) and 4.6.5 (TIMER).
 *
 * Entropy is the ring oscillator's random bit. The datasheet (2.17.5) promises nothing for
 * security, so many are taken for one: 1,024 bits, each some microseconds after the last, are
 * hashed to 256.
 */
#include "etls_port.h"

#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#include <string.h>

#define ROSC_STATUS (*(const volatile uint32_t *) 0x40060018u)
#define ROSC_STATUS_STABLE (1u << 31)
#define ROSC_RANDOMBIT (*(const volatile uint32_t *) 0x4006001Cu)
#define TIMER_TIMERAWH (*(const volatile uint32_t *) 0x40054024u)
#define TIMER_TIMERAWL (*(const volatile uint32_t *) 0x40054028u)

#define HASH_SIZE 32u
#define RAW_SIZE 128u  /* bytes of raw bits for one hash */
#define SPACING 64u    /* turns of an empty loop between two bits, 4 cycles each */

static uint8_t read_byte(void)
{
    uint32_t byte = 0;
    for (uint32_t bit = 0; bit < 8; bit++) {
        for (volatile uint32_t turn = 0; turn < SPACING; turn++) {
        }
        byte = byte << 1 | (ROSC_RANDOMBIT & 1u);
    }
    return (uint8_t) byte;
}

int32_t etls_port_entropy(uint8_t *out, uint32_t length)
{
    uint8_t raw[RAW_SIZE];
    uint8_t hash[HASH_SIZE];
    int error = (ROSC_STATUS & ROSC_STATUS_STABLE) != 0 ? 0 : -1;
    while (error == 0 && length > 0) {
        uint32_t piece = length < HASH_SIZE ? length : HASH_SIZE;
        for (uint32_t at = 0; at < RAW_SIZE; at++) {
            raw[at] = read_byte();
        }
        error = mbedtls_sha256(raw, sizeof(raw), hash, 0);
        memcpy(out, hash, piece);
        out += piece;
        length -= piece;
    }
    mbedtls_platform_zeroize(raw, sizeof(raw));
    mbedtls_platform_zeroize(hash, sizeof(hash));
    return error;
}

int64_t etls_port_time(void)
{
    return 0; /* the real-time clock is not set by the firmware: etls_clock_set() */
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
