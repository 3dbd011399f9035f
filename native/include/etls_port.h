/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the core needs from where it runs: one folder in native/ports/ each. Nothing else of a
 * host is ever called.
 *
 * Entropy. A port names its noise sources; the core takes raw samples from them, puts each one
 * through the health tests of NIST SP 800-90B section 4.4, and conditions them with SHA-256, at
 * least two credited bits in for one out (section 3.1.5). docs/ENTROPY.md tells the whole story.
 */
#ifndef ETLS_PORT_H
#define ETLS_PORT_H

#include "etls_cutoffs.h"

#include <stddef.h>
#include <stdint.h>

/** False alarms of the health tests: 2^-30. */
#define ETLS_ALPHA_BITS 30

/** Credited min-entropy is counted in steps of 1/16 bit. */
#define ETLS_CREDIT_STEPS 16

/** A noise source; made with ETLS_SOURCE_BINARY or ETLS_SOURCE_WIDE only. */
typedef struct {
    /** A short name for errors and reports: lower case, no blanks. */
    const char *name;
    /**
     * Takes up to `count` raw samples, one a byte, as the noise comes: no whitening, no hashing.
     * Returns how many it took; 0 when it has none just now, after waiting as long as is sensible;
     * a negative value when it cannot work. `count` is 1 to 64.
     */
    int32_t (*poll)(uint8_t *samples, uint32_t count);
    uint16_t credit;      /* min-entropy claimed of a sample, 1/16 bit */
    uint16_t repetitions; /* cut-off of the repetition count test, section 4.4.1 */
    uint16_t proportion;  /* cut-off of the adaptive proportion test, section 4.4.2 */
    uint16_t window;      /* samples of the latter */
    /** Bits that a sample can differ in: 1 to 8. */
    uint8_t width;
    /**
     * 1 when samples cost microseconds, as from a system's own generator: the random generator is then
     * reseeded for every request (prediction resistance, SP 800-90A section 9.3), so that copies of
     * the memory, by fork or snapshot, go apart at once. 0 on boards.
     */
    uint8_t fast;
} etls_source;

/** 1 + ceil(30 / H), section 4.4.1. */
#define ETLS_REPETITIONS(credit)                                                                  \
    (1 + (ETLS_ALPHA_BITS * ETLS_CREDIT_STEPS + (credit) - 1) / (credit))

/** A source of single bits; `credit`, a plain number 1 to 16, is in 1/16 bit. */
#define ETLS_SOURCE_BINARY(name, credit, fast, poll)                                              \
    { (name), (poll), (credit), ETLS_REPETITIONS(credit), ETLS_PROPORTION_BINARY_##credit, 1024,  \
      1, (fast) }

/** A source of samples of 2 to 8 bits; `credit`, a plain number 1 to 128, is in 1/16 bit. */
#define ETLS_SOURCE_WIDE(name, width, credit, fast, poll)                                         \
    { (name), (poll), (credit), ETLS_REPETITIONS(credit), ETLS_PROPORTION_WIDE_##credit, 512,     \
      (width), (fast) }

/** Returns the port's source of that index, from 0 on; null after the last one (ETLS_MAX_SOURCES). */
const etls_source *etls_port_source(uint32_t index);

/**
 * Writes what tells this chip from others of its kind, such as a serial number, and returns its length: at
 * most `size`, 0 when there is none. It personalises the random generator and is no secret.
 */
uint32_t etls_port_identity(uint8_t *out, uint32_t size);

/**
 * Milliseconds since 1970-01-01 UTC; 0 when the port has no such clock, or one that was never set:
 * then the time is what etls_clock_set() said. May jump, must not run backwards while it is not set
 * anew.
 */
int64_t etls_port_time(void);

/** Milliseconds since some moment before the core was opened, for ports without a clock; else 0. */
int64_t etls_port_uptime(void);

/** Bytes at the start of the arena that the port needs for static data, a multiple of 8. */
uint32_t etls_port_statics(void);

#endif
