/* A stand-in for libcuda.so.1: one device, with faults asked for through FAKE_CUDA_* variables. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int asked(const char *name, int otherwise) { const char *text = getenv(name); return text ? atoi(text) : otherwise; }

int cuInit(unsigned flags) {
  (void)flags;
  printf("chatter on standard output\n");
  fflush(stdout);
  while (asked("FAKE_CUDA_HANG", 0)) sleep(600);
  if (getenv("CUDA_VISIBLE_DEVICES")) return 100; /* nothing may be hidden from this question */
  return asked("FAKE_CUDA_INIT_RC", 0);
}
int cuDriverGetVersion(int *version) { *version = 13000; return 0; }
int cuDeviceGetCount(int *count) { *count = 1; return 0; }
int cuDeviceGet(int *device, int index) { *device = 7 + index; return 0; }
int cuDeviceGetName(char *text, int size, int device) { (void)device; snprintf(text, size, "CUDA Stub"); return 0; }
int cuDeviceTotalMem_v2(size_t *bytes, int device) { (void)device; *bytes = 119ull << 30; return asked("FAKE_CUDA_MEMORY_RC", 0); }
int cuDeviceGetAttribute(int *value, int which, int device) {
  if (device != 7) return 101;
  switch (which) {
    case 18: *value = asked("FAKE_CUDA_INTEGRATED", 0); return 0;
    case 20: *value = asked("FAKE_CUDA_MODE", 0); return 0;
    case 33: *value = 0x65; return 0;
    case 34: case 50: *value = 0; return 0;
    case 75: *value = asked("FAKE_CUDA_MAJOR", 12); return 0;
    case 76: *value = 1; return 0;
    default: return 1;
  }
}
