/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library `tlsnative`: the native core for the modules of espruino-tls (modules/board_firmware.ts).
 * Compiled by Espruino's build; the comments that begin with JSON are what it makes the library from.
 */
#include "jswrap_tlsnative.h"

#include "firmware.h"
#include "jsvariterator.h"

/** The core; its window lies behind it. */
static uint8_t *core;
static uint32_t core_size;

/** What it lies in, locked, when it lies in the heap of JavaScript. */
static JsVar *heap;

/*JSON{
  "type" : "library",
  "class" : "tlsnative"
}
The native core of espruino-tls. Programs use its modules `tls` and `https` (see npm, espruino-tls).
*/

/*JSON{
  "type" : "kill",
  "generate" : "jswrap_tlsnative_kill"
}*/
void jswrap_tlsnative_kill(void)
{
    if (core != NULL) {
        etls_firmware_close(core);
        jswrap_tlsnative_wipe(ETLS_FIRMWARE_WINDOW);
    }
    core = NULL;
    jsvUnLock(heap);
    heap = NULL;
}

/*JSON{
  "type" : "staticproperty",
  "class" : "tlsnative",
  "name" : "window",
  "generate" : "jswrap_tlsnative_window",
  "return" : ["int","The most bytes that put takes at once"]
}
*/
JsVarInt jswrap_tlsnative_window(void)
{
    return ETLS_FIRMWARE_WINDOW;
}

/*JSON{
  "type" : "staticmethod",
  "class" : "tlsnative",
  "name" : "open",
  "generate" : "jswrap_tlsnative_open",
  "params" : [
    ["size","int","Bytes wanted in the heap, where the firmware has set no memory aside"]
  ],
  "return" : ["int","Bytes that there are for the core; 0 when there is no room"]
}
*/
JsVarInt jswrap_tlsnative_open(JsVarInt size)
{
    if (core == NULL) {
        core = etls_firmware_memory(&core_size);
    }
    if (core == NULL && size > 0) {
        heap = jsvNewFlatStringOfLength((unsigned int) size + ETLS_FIRMWARE_WINDOW + 8);
        if (heap != NULL) {
            core = (uint8_t *) (((size_t) jsvGetFlatStringPointer(heap) + 7) & ~(size_t) 7);
            core_size = (uint32_t) size & ~7u;
            memset(core, 0, core_size);
        }
    }
    return core != NULL ? (JsVarInt) core_size : 0;
}

/*JSON{
  "type" : "staticmethod",
  "class" : "tlsnative",
  "name" : "call",
  "generate" : "jswrap_tlsnative_call",
  "params" : [
    ["entry","int","The number of an entry of the C ABI"],
    ["a","int","First argument after the core"],
    ["b","int","Second argument"],
    ["c","int","Third argument"]
  ],
  "return" : ["int","What it returns"]
}
*/
JsVarInt jswrap_tlsnative_call(JsVarInt entry, JsVarInt a, JsVarInt b, JsVarInt c)
{
    return etls_firmware_call(core, (uint32_t) entry, (uint32_t) a, (uint32_t) b, (uint32_t) c);
}

/*JSON{
  "type" : "staticmethod",
  "class" : "tlsnative",
  "name" : "put",
  "generate" : "jswrap_tlsnative_put",
  "params" : [
    ["data","JsVar","A string, or an array of bytes"],
    ["from","int","The first of its bytes that the core is to read"],
    ["length","int","How many; no more than fit into the window"]
  ],
  "return" : ["int","Where the core finds them"]
}
*/
JsVarInt jswrap_tlsnative_put(JsVar *data, JsVarInt from, JsVarInt length)
{
    uint8_t *window = core + core_size;
    if (core == NULL || from < 0 || length < 0 || (uint32_t) length > ETLS_FIRMWARE_WINDOW) {
        return 0;
    }
    if (jsvIsString(data)) {
        jsvGetStringChars(data, (size_t) from, (char *) window, (size_t) length);
    } else {
        JsvArrayBufferIterator it;
        jsvArrayBufferIteratorNew(&it, data, (size_t) from);
        for (JsVarInt i = 0; i < length && jsvArrayBufferIteratorHasElement(&it); i++) {
            window[i] = (uint8_t) jsvArrayBufferIteratorGetIntegerValue(&it);
            jsvArrayBufferIteratorNext(&it);
        }
        jsvArrayBufferIteratorFree(&it);
    }
    return (JsVarInt) (size_t) window;
}

/*JSON{
  "type" : "staticmethod",
  "class" : "tlsnative",
  "name" : "get",
  "generate" : "jswrap_tlsnative_get",
  "params" : [
    ["address","int","Where the core has bytes"],
    ["length","int","How many"]
  ],
  "return" : ["JsVar","They, as a string"]
}
*/
JsVar *jswrap_tlsnative_get(JsVarInt address, JsVarInt length)
{
    uint32_t offset = (uint32_t) address - (uint32_t) (size_t) core;
    uint32_t most = core_size + ETLS_FIRMWARE_WINDOW;
    if (core == NULL || offset > most || length < 0 || (uint32_t) length > most - offset) {
        return NULL;
    }
    return jsvNewStringOfLength((unsigned int) length, (char *) core + offset);
}

/*JSON{
  "type" : "staticmethod",
  "class" : "tlsnative",
  "name" : "wipe",
  "generate" : "jswrap_tlsnative_wipe",
  "params" : [
    ["length","int","Bytes of the window to be zeros"]
  ]
}
*/
void jswrap_tlsnative_wipe(JsVarInt length)
{
    if (core != NULL && length > 0 && (uint32_t) length <= ETLS_FIRMWARE_WINDOW) {
        memset(core + core_size, 0, (size_t) length);
    }
}
