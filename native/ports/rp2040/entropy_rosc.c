/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RP2040: the ring oscillator's random bit (datasheet section 2.17.5), the chip's only noise.
 *
 * Width 1, credit 1/4 bit. The datasheet promises nothing for security, its author calls the bit
 * "somewhat biased" and "somewhat periodic when sampled rapidly" (pico-sdk issue 569); read as fast as
 * possible, ones and zeros come 45 to 55 (0.86 bits by that alone), and follow each other too
 * often. So it is read every 10 microseconds, some 65 periods of the oscillator, as pico_rand does, and
 * credited with less than a third of that.
 */
#include "etls_port.h"

#define ROSC_STATUS (*(const volatile uint32_t *) 0x40060018u) /* section 2.17.8 */
#define ROSC_STATUS_STABLE (1u << 31)
#define ROSC_RANDOMBIT (*(const volatile uint32_t *) 0x4006001Cu)

/* Turns of an empty loop, 12 cycles each: 10 us at 133 MHz, more where the clock is slower. */
#define SPACING 112u

static int32_t poll_rosc(uint8_t *samples, uint32_t count)
{
    if ((ROSC_STATUS & ROSC_STATUS_STABLE) == 0) {
        return -1; /* it was stopped */
    }
    for (uint32_t i = 0; i < count; i++) {
        for (volatile uint32_t turn = 0; turn < SPACING; turn++) {
        }
        samples[i] = (uint8_t) (ROSC_RANDOMBIT & 1u);
    }
    return (int32_t) count;
}

static const etls_source rosc = ETLS_SOURCE_BINARY("rosc", 4, 0, poll_rosc);

const etls_source *etls_port_source(uint32_t index)
{
    return index == 0 ? &rosc : NULL;
}
