/* SPDX-License-Identifier: Apache-2.0 */
/* Health tests on raw samples: NIST SP 800-90B section 4.4. */
#ifndef ETLS_HEALTH_H
#define ETLS_HEALTH_H

#include "etls_port.h"

#include <stdbool.h>

/* The tests, as results: which one has failed. */
typedef enum {
    ETLS_HEALTH_GOOD,
    ETLS_HEALTH_REPETITION, /* repetition count test, section 4.4.1 */
    ETLS_HEALTH_PROPORTION  /* adaptive proportion test, section 4.4.2 */
} etls_health_test;

/* What is known of a source; all 0 at the start. */
typedef struct {
    uint32_t samples; /* tested so far; stops at its most */
    uint16_t run;     /* equal samples in a row up to now */
    uint16_t longest; /* the longest run so far */
    uint16_t position; /* in the window */
    uint16_t count;   /* of the window's first sample in it */
    uint16_t most;    /* the highest such count so far */
    uint8_t last;
    uint8_t first; /* of the window */
    uint8_t failed; /* an etls_health_test, kept for ever */
} etls_health;

/* Tests the next sample. Returns the test that has failed, at this sample or before. */
etls_health_test etls_health_take(etls_health *health, const etls_source *source, uint8_t sample);

#endif
