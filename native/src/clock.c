/* SPDX-License-Identifier: Apache-2.0 */
/* Time for Mbed TLS, from the port: no libc clock, no time zones. */
#include "core.h"
#include "etls_port.h"

#include <mbedtls/platform_time.h>
#include <mbedtls/platform_util.h>

int64_t etls_clock_ms(void)
{
    int64_t now = etls_port_time();
    if (now != 0 || etls_current == NULL || etls_current->clock_set == 0) {
        return now;
    }
    return etls_current->clock_set + (etls_port_uptime() - etls_current->clock_set_at);
}

int32_t etls_clock_set(etls_core *core, uint32_t low, uint32_t high)
{
    int32_t error = etls_enter(core);
    if (error == ETLS_OK) {
        core->clock_set = high >> 31 != 0 ? 0 : (int64_t) ((uint64_t) high << 32 | low);
        core->clock_set_at = etls_port_uptime();
    }
    return error;
}

int64_t etls_clock_now(void)
{
    const etls_session *session = etls_current != NULL ? etls_current->active : NULL;
    if (session != NULL && session->context->time != 0) {
        return session->context->time;
    }
    int64_t now = etls_clock_ms();
    uint64_t seconds = now < 0 ? 0 : (uint64_t) now / 1000u; /* unsigned: one division routine less */
    return seconds < ETLS_EARLIEST_TIME ? 0 : (int64_t) seconds;
}

etls_time etls_mbedtls_time(etls_time *out)
{
    int64_t now = etls_clock_now();
    if (out != NULL) {
        *out = now;
    }
    return now;
}

mbedtls_ms_time_t mbedtls_ms_time(void)
{
    return etls_clock_ms();
}

/*
 * Days to civil date after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"
 * (civil_from_days): years count from 1 March, eras have 146,097 days.
 */
struct tm *mbedtls_platform_gmtime_r(const mbedtls_time_t *time, struct tm *out)
{
    if (*time < 0) {
        return NULL;
    }
    uint64_t whole_days = (uint64_t) *time / 86400u;
    int32_t seconds = (int32_t) ((uint64_t) *time - whole_days * 86400u);
    int32_t days = (int32_t) whole_days + 719468;
    int32_t era = days / 146097;
    int32_t day_of_era = days - era * 146097;
    int32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t month = (5 * day_of_year + 2) / 153; /* from March */
    out->tm_mday = day_of_year - (153 * month + 2) / 5 + 1;
    out->tm_mon = month < 10 ? month + 2 : month - 10;
    out->tm_year = year_of_era + era * 400 + (month >= 10 ? 1 : 0) - 1900;
    out->tm_hour = seconds / 3600;
    out->tm_min = seconds / 60 % 60;
    out->tm_sec = seconds % 60;
    return out;
}
