/* SPDX-License-Identifier: Apache-2.0 */
/* For the wrapper that Espruino's build makes of jswrap_tlsnative.c. */
#include "jsvar.h"

JsVarInt jswrap_tlsnative_window(void);
JsVarInt jswrap_tlsnative_open(JsVarInt size);
JsVarInt jswrap_tlsnative_call(JsVarInt entry, JsVarInt a, JsVarInt b, JsVarInt c);
JsVarInt jswrap_tlsnative_put(JsVar *data, JsVarInt from, JsVarInt length);
JsVar *jswrap_tlsnative_get(JsVarInt address, JsVarInt length);
void jswrap_tlsnative_wipe(JsVarInt length);
void jswrap_tlsnative_kill(void);
