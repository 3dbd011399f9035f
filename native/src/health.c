/* SPDX-License-Identifier: Apache-2.0 */
/* The two continuous health tests of NIST SP 800-90B, on each raw sample as it comes. */
#include "health.h"

/* Section 4.4.1. */
static bool repeats(etls_health *health, const etls_source *source, uint8_t sample)
{
    bool same = health->run != 0 && sample == health->last;
    health->run = (uint16_t) (same ? health->run + 1 : 1);
    health->last = sample;
    if (health->run > health->longest) {
        health->longest = health->run;
    }
    return health->run >= source->repetitions;
}

/* Section 4.4.2. The count begins at 1, with the window's first sample. */
static bool dominates(etls_health *health, const etls_source *source, uint8_t sample)
{
    if (health->position == 0) {
        health->first = sample;
        health->count = 0;
    }
    health->count = (uint16_t) (health->count + (sample == health->first ? 1 : 0));
    health->position = (uint16_t) (health->position + 1 == source->window ? 0 : health->position + 1);
    if (health->count > health->most) {
        health->most = health->count;
    }
    return health->count >= source->proportion;
}

etls_health_test etls_health_take(etls_health *health, const etls_source *source, uint8_t sample)
{
    if (health->failed == ETLS_HEALTH_GOOD) {
        health->samples += health->samples != UINT32_MAX ? 1 : 0;
        if (repeats(health, source, sample)) {
            health->failed = ETLS_HEALTH_REPETITION;
        } else if (dominates(health, source, sample)) {
            health->failed = ETLS_HEALTH_PROPORTION;
        }
    }
    return (etls_health_test) health->failed;
}
