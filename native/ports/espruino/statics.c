/* SPDX-License-Identifier: Apache-2.0 */
/* For ports of chips, whose images have static data in the arena. */
#include "etls_port.h"

uint32_t etls_port_statics(void)
{
    return 0; /* they are the firmware's */
}
