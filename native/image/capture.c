/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raw samples of one noise source of a chip, for `espruino-tls entropy capture`: the port's source and what
 * packs its samples, nothing else. It is part of no image that does TLS: build.mjs makes a program of
 * a few hundred bytes of it for each source, position independent and without static data, which
 * is run from RAM and gone after a reset.
 *
 * The program's first byte is etls_capture(). Samples are taken as entropy.c takes them, in portions of
 * 64, before any test and any hash.
 */
#include "etls_port.h"

#define PORTION 64u

int32_t etls_capture(uint8_t *out, uint32_t count);

/* Writes the name with its 0 and returns width << 16 | credit. */
static int32_t describe(const etls_source *source, uint8_t *out)
{
    uint32_t i = 0;
    do {
        out[i] = (uint8_t) source->name[i];
    } while (source->name[i++] != '\0');
    return source->width << 16 | source->credit;
}

/* Packs samples in place, `width` bits each, the first one lowest; returns the bytes used. */
static int32_t pack(uint8_t *samples, uint32_t count, uint32_t width)
{
    uint32_t waiting = 0;
    uint32_t bits = 0;
    int32_t used = 0;
    for (uint32_t i = 0; i < count; i++) {
        waiting |= (uint32_t) samples[i] << bits;
        for (bits += width; bits >= 8; bits -= 8) {
            samples[used++] = (uint8_t) waiting;
            waiting >>= 8;
        }
    }
    return used;
}

/*
 * Takes `count` samples, a multiple of 64, needs as many bytes at `out`, and leaves them packed there: returns
 * how many bytes they are, or -1 when the source does not give what it should. With `count` 0 it writes the source's
 * name, at most 15 characters and a 0, and returns width << 16 | credit.
 */
__attribute__((section(".header"), used)) int32_t etls_capture(uint8_t *out, uint32_t count)
{
    const etls_source *source = etls_port_source(ETLS_CAPTURE_SOURCE);
    if (count == 0) {
        return describe(source, out);
    }
    for (uint32_t taken = 0; taken < count;) {
        uint32_t left = count - taken;
        int32_t got = source->poll(out + taken, left < PORTION ? left : PORTION);
        if (got <= 0) {
            return -1;
        }
        taken += (uint32_t) got;
    }
    return pack(out, count, source->width);
}
