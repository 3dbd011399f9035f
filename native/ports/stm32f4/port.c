/* SPDX-License-Identifier: Apache-2.0 */
/* STMicroelectronics STM32F401 and its like. Registers: reference manual RM0368. */
#include "sources.h"

#include <string.h>

#define UNIQUE_ID ((const volatile uint32_t *) 0x1FFF7A10u) /* section 24.1: 3 words */

const etls_source *etls_port_source(uint32_t index)
{
    return index == 0 ? &etls_adc_source : index == 1 ? &etls_jitter_source : NULL;
}

uint32_t etls_port_identity(uint8_t *out, uint32_t size)
{
    const uint32_t words[] = { UNIQUE_ID[0], UNIQUE_ID[1], UNIQUE_ID[2] };
    uint32_t length = size < sizeof(words) ? size : sizeof(words);
    memcpy(out, words, length);
    return length;
}

int64_t etls_port_time(void)
{
    return 0; /* etls_clock_set() */
}

int64_t etls_port_uptime(void)
{
    return 0; /* no timer is ours: the host says the time before each handshake */
}
