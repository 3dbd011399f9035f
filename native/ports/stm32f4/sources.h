/* SPDX-License-Identifier: Apache-2.0 */
/* The port's two sources. */
#ifndef ETLS_STM32F4_SOURCES_H
#define ETLS_STM32F4_SOURCES_H

#include "etls_port.h"

extern const etls_source etls_adc_source;    /* entropy_adc.c */
extern const etls_source etls_jitter_source; /* entropy_jitter.c */

#endif
