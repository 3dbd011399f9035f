/* SPDX-License-Identifier: Apache-2.0 */
/* struct tm alone: time comes from etls_port.h and is taken apart in clock.c. */
#ifndef ETLS_LIBC_TIME_H
#define ETLS_LIBC_TIME_H

#include <stdint.h>

typedef int64_t time_t;

struct tm {
    int tm_sec;
    int tm_min;
    int tm_hour;
    int tm_mday; /* 1 to 31 */
    int tm_mon;  /* 0 to 11 */
    int tm_year; /* since 1900 */
    int tm_wday;
    int tm_yday;
    int tm_isdst;
};

#endif
