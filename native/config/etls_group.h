/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before ecp_curves.c, and before it only (native/sources.mjs): native/src/reduce.c loads groups
 * with this function, and gives them its own reduction. All headers are read before the name changes.
 */
#ifndef ETLS_GROUP_H
#define ETLS_GROUP_H

#include "common.h"
#include <mbedtls/ecp.h>

#if ETLS_REDUCE_BY_TABLE
int etls_group_load_plain(mbedtls_ecp_group *group, mbedtls_ecp_group_id id);
#define mbedtls_ecp_group_load etls_group_load_plain
#endif

#endif
