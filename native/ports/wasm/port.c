/* SPDX-License-Identifier: Apache-2.0 */
/* WebAssembly: time is an import, wasm/port.js. Entropy is in entropy_host.c. */
#include "etls_port.h"

#include "sanitize.h"

/* Milliseconds since 1970, 0 when not set; a double, as WebAssembly has no 64-bit integers for JS. */
extern double etls_host_time(void);

int64_t etls_port_time(void)
{
    double now = etls_host_time();
    return now > 0 && now < 9e15 ? (int64_t) now : 0;
}

int64_t etls_port_uptime(void)
{
    return 0;
}

uint32_t etls_port_statics(void)
{
    return 0; /* they lie below the arena */
}

/*
 * Takes `size` bytes that neither static data nor the stack uses, for the host to lay out. To be
 * called once. Sanitizers have a heap of their own there, which must know of it.
 */
uint8_t *etls_wasm_reserve(uint32_t size);
#if defined(ETLS_SANITIZE)
extern void *sbrk(intptr_t increment);
uint8_t *etls_wasm_reserve(uint32_t size)
{
    void *memory = sbrk((intptr_t) size);
    return (intptr_t) memory == -1 ? NULL : memory;
}
#else
extern uint8_t __heap_base;
uint8_t *etls_wasm_reserve(uint32_t size)
{
    (void) size;
    return &__heap_base;
}
#endif
