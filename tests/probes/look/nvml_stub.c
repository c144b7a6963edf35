/* A stand-in for libnvidia-ml.so.1: one device, with faults asked for through FAKE_NVML_* variables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct { char legacy[16]; unsigned domain, bus, device, id, subsystem; char bus_id[32]; } pci_t;
typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct { unsigned version; unsigned long long total, reserved, free, used; } memory2_t;

static int asked(const char *name) { const char *text = getenv(name); return text ? atoi(text) : 0; }
static char device, slice;

int nvmlInitWithFlags(unsigned flags) {
  (void)flags;
  printf("chatter on standard output\n");
  fflush(stdout);
  while (asked("FAKE_NVML_HANG")) sleep(600);
  if (asked("FAKE_NVML_CRASH")) abort();
  return asked("FAKE_NVML_INIT_RC");
}
int nvmlShutdown(void) { return 0; }
const char *nvmlErrorString(int code) { (void)code; return "stub"; }
int nvmlSystemGetDriverVersion(char *text, unsigned size) { snprintf(text, size, "580.95.05"); return 0; }
int nvmlSystemGetCudaDriverVersion_v2(int *version) { *version = 13010; return 0; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 1; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **handle) {
  (void)index;
  *handle = &device;
  return asked("FAKE_NVML_DEVICE_RC");
}
int nvmlDeviceGetName(void *handle, char *text, unsigned size) {
  snprintf(text, size, handle == &slice ? "NVIDIA Stub MIG 1g.10gb" : "NVIDIA Stub");
  return 0;
}
int nvmlDeviceGetPciInfo_v3(void *handle, pci_t *pci) {
  (void)handle;
  memset(pci, 0, sizeof *pci);
  pci->bus = 0x65;
  return 0;
}
int nvmlDeviceGetCudaComputeCapability(void *handle, int *major, int *minor) {
  (void)handle;
  *major = 12;
  *minor = 1;
  return 0;
}
int nvmlDeviceGetMemoryInfo(void *handle, memory_t *memory) {
  memory->total = handle == &slice ? 10ull << 30 : 80ull << 30;
  return asked("FAKE_NVML_MEMORY_RC");
}
int nvmlDeviceGetMemoryInfo_v2(void *handle, memory2_t *memory) {
  (void)handle;
  (void)memory;
  return 13; /* as an old driver answers, so that the first version is asked */
}
int nvmlDeviceGetMigMode(void *handle, unsigned *current, unsigned *pending) {
  (void)handle;
  *current = *pending = asked("FAKE_NVML_MIG");
  return asked("FAKE_NVML_MIG_RC");
}
int nvmlDeviceGetMaxMigDeviceCount(void *handle, unsigned *count) { (void)handle; *count = 7; return 0; }
int nvmlDeviceGetMigDeviceHandleByIndex(void *handle, unsigned index, void **found) {
  (void)handle;
  *found = &slice;
  return index == 0 ? 0 : 6;
}
