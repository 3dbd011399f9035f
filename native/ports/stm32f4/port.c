/* SPDX-License-Identifier: Apache-2.0 */
/* STMicroelectronics STM32F401 and its like. Registers: reference manual RM0368. */
#include "sources.h"

#define UNIQUE_ID ((const volatile uint8_t *) 0x1FFF7A10u) /* section 24.1 */
#define UNIQUE_ID_SIZE 12u

const etls_source *etls_port_source(uint32_t index)
{
    return index == 0 ? &etls_adc_source : index == 1 ? &etls_jitter_source : NULL;
}

uint32_t etls_port_identity(uint8_t *out, uint32_t size)
{
    uint32_t length = size < UNIQUE_ID_SIZE ? size : UNIQUE_ID_SIZE;
    for (uint32_t i = 0; i < length; i++) {
        out[i] = UNIQUE_ID[i];
    }
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
