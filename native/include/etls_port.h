/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the core needs from where it runs: one folder in native/ports/ each. Nothing else of a
 * host is ever called.
 */
#ifndef ETLS_PORT_H
#define ETLS_PORT_H

#include <stdint.h>

/**
 * Fills `out` with `length` bytes that an attacker cannot know: full entropy, ready for use as a
 * seed (NIST SP 800-90A section 8.6).
 *
 * Returns 0, or a negative value when the source has failed or has not enough yet; `out` is then
 * not used. Called for seeding and reseeding only, for 32 to 64 bytes.
 */
int32_t etls_port_entropy(uint8_t *out, uint32_t length);

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
