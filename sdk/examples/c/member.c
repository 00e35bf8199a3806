#include "member.h"

#include <stdlib.h>
#include <string.h>

typedef struct Reader {
  const char* at;
  const char* end;
} Reader;

static int eat(Reader* in, char c) {
  while (in->at < in->end && memchr(" \t\r\n", *in->at, 4) != NULL) ++in->at;
  if (in->at == in->end || *in->at != c) return 0;
  ++in->at;
  return 1;
}

static int read_hex4(Reader* in, uint32_t* code) {
  *code = 0;
  for (int i = 0; i < 4; ++i) {
    if (in->at == in->end) return 0;
    const char* const digits = "0123456789abcdef0123456789ABCDEF";
    const char* const digit = *in->at == '\0' ? NULL : strchr(digits, *in->at);
    if (digit == NULL) return 0;
    *code = *code * 16 + (uint32_t)((digit - digits) % 16);
    ++in->at;
  }
  return 1;
}

/* After \u: one code point, written to out as UTF-8. Returns its length, 0 when malformed. */
static size_t read_unicode(Reader* in, char* out) {
  uint32_t code, low;
  if (!read_hex4(in, &code) || code == 0) return 0;
  if (code >= 0xD800 && code < 0xE000) {
    if (code >= 0xDC00 || in->end - in->at < 2 || memcmp(in->at, "\\u", 2) != 0) return 0;
    in->at += 2;
    if (!read_hex4(in, &low) || low < 0xDC00 || low >= 0xE000) return 0;
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  const size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  static const unsigned char first[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
  for (size_t i = length - 1; i > 0; --i, code >>= 6) out[i] = (char)(0x80 | (code & 0x3F));
  out[0] = (char)(first[length] | code);
  return length;
}

/* A string with its quotes, decoded into out, which has room for the rest of the text. */
static int read_string(Reader* in, char* out) {
  if (!eat(in, '"')) return 0;
  while (in->at < in->end && *in->at != '"') {
    const char c = *in->at++;
    if ((unsigned char)c < 0x20) return 0;
    if (c != '\\') {
      *out++ = c;
      continue;
    }
    if (in->at == in->end) return 0;
    const char kind = *in->at++;
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char* const known = kind == '\0' ? NULL : strchr(from, kind);
    if (known != NULL) {
      *out++ = to[known - from];
    } else {
      const size_t length = kind == 'u' ? read_unicode(in, out) : 0;
      if (length == 0) return 0;
      out += length;
    }
  }
  *out = '\0';
  return eat(in, '"');
}

char* member(observerd_str object, const char* name) {
  Reader in = {object.data, object.data + object.len};
  char* const key = malloc(object.len + 1);
  char* const value = malloc(object.len + 1);
  int found = 0;
  int sound = key != NULL && value != NULL && eat(&in, '{');
  if (sound && !eat(&in, '}')) {
    do {
      sound = read_string(&in, key) && eat(&in, ':') && read_string(&in, value);
      found = sound && strcmp(key, name) == 0;
    } while (sound && !found && eat(&in, ','));
    sound = sound && (found || eat(&in, '}'));
  }
  free(key);
  if (sound && found) return value;
  free(value);
  return NULL;
}
