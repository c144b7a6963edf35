/* A stand-in for libnvidia-ml.so.1: one device (or FAKE_NVML_COUNT), with faults asked for through FAKE_NVML_* variables. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct { char legacy[16]; unsigned domain, bus, device, id, subsystem; char bus_id[32]; } pci_t;
typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct { unsigned version; unsigned long long total, reserved, free, used; } memory2_t;
typedef struct { unsigned version, value; } addressing_t;
typedef struct { unsigned counts[8]; unsigned long long memory_mib; } attributes_t;

static int asked(const char *name) { const char *text = getenv(name); return text ? atoi(text) : 0; }
static const char *said(const char *name, const char *otherwise) {
  const char *text = getenv(name);
  return text ? text : otherwise;
}
static char devices[16], slices[7];
static int is_slice(void *handle) { return (char *)handle >= slices && (char *)handle < slices + 7; }

int nvmlInitWithFlags(unsigned flags) {
  static int times;
  (void)flags;
  printf("chatter on standard output\n");
  fflush(stdout);
  if (asked("FAKE_NVML_HANG")) signal(SIGTERM, SIG_IGN);
  while (asked("FAKE_NVML_HANG")) sleep(600);
  if (asked("FAKE_NVML_CRASH")) abort();
  if (asked("FAKE_NVML_NOT_READY_ONCE") && times++ == 0) return 27;
  return asked("FAKE_NVML_INIT_RC");
}
int nvmlSystemGetDriverVersion(char *text, unsigned size) {
  snprintf(text, size, "%s", said("FAKE_NVML_DRIVER", "580.95.05"));
  return 0;
}
int nvmlSystemGetNVMLVersion(char *text, unsigned size) { snprintf(text, size, "13.580.95.05"); return 0; }
int nvmlSystemGetCudaDriverVersion_v2(int *version) { *version = 13010; return 0; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = atoi(said("FAKE_NVML_COUNT", "1")); return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **handle) {
  *handle = &devices[index];
  return asked("FAKE_NVML_DEVICE_RC");
}
int nvmlDeviceGetName(void *handle, char *text, unsigned size) {
  if (is_slice(handle))
    snprintf(text, size, "NVIDIA Stub MIG 1g.%sgb", (char *)handle == slices ? "10" : "20");
  else
    snprintf(text, size, "%s", said("FAKE_NVML_NAME", "NVIDIA Stub"));
  return 0;
}
int nvmlDeviceGetUUID(void *handle, char *text, unsigned size) {
  snprintf(text, size, is_slice(handle) ? "MIG-5a4c%ld" : "GPU-8932f93%ld", (long)((char *)handle - (is_slice(handle) ? slices : devices)));
  return 0;
}
int nvmlDeviceGetPciInfo_v3(void *handle, pci_t *pci) {
  memset(pci, 0, sizeof *pci);
  pci->bus = 0x65 + (unsigned)((char *)handle - devices);
  return asked("FAKE_NVML_PCI_RC");
}
int nvmlDeviceGetCudaComputeCapability(void *handle, int *major, int *minor) {
  int both = atoi(said("FAKE_NVML_CAPABILITY", "121"));
  (void)handle;
  *major = both / 10;
  *minor = both % 10;
  return asked("FAKE_NVML_CAPABILITY_RC");
}
int nvmlDeviceGetArchitecture(void *handle, unsigned *architecture) {
  (void)handle;
  *architecture = atoi(said("FAKE_NVML_ARCHITECTURE", "10"));
  return 0;
}
int nvmlDeviceGetComputeMode(void *handle, unsigned *mode) { (void)handle; *mode = asked("FAKE_NVML_MODE"); return 0; }
int nvmlDeviceGetAddressingMode(void *handle, addressing_t *mode) {
  (void)handle;
  if (mode->version != 0x01000008) return 25;
  mode->value = asked("FAKE_NVML_ADDRESSING");
  return 0;
}
static unsigned long long total(void *handle) {
  if (!is_slice(handle)) return 80ull << 30;
  return (10ull + ((char *)handle != slices) * 10) << 30;
}
int nvmlDeviceGetMemoryInfo(void *handle, memory_t *memory) {
  if (is_slice(handle) && asked("FAKE_NVML_SLICE_MEMORY_RC")) return asked("FAKE_NVML_SLICE_MEMORY_RC");
  memory->total = total(handle);
  return asked("FAKE_NVML_MEMORY_RC");
}
int nvmlDeviceGetMemoryInfo_v2(void *handle, memory2_t *memory) {
  if (!asked("FAKE_NVML_MEMORY_V2")) return 13; /* as an old driver answers, so that the first version is asked */
  if (memory->version != 0x02000028) return 25;
  memory->total = total(handle) + (1ull << 30); /* tells apart which version was read */
  return 0;
}
int nvmlDeviceGetAttributes_v2(void *handle, attributes_t *found) {
  (void)handle;
  found->memory_mib = 9728;
  return 0;
}
int nvmlDeviceGetMigMode(void *handle, unsigned *current, unsigned *pending) {
  (void)handle;
  *current = *pending = asked("FAKE_NVML_MIG") > 0;
  return asked("FAKE_NVML_MIG_RC");
}
int nvmlDeviceGetMaxMigDeviceCount(void *handle, unsigned *count) { (void)handle; *count = 7; return 0; }
int nvmlDeviceGetMigDeviceHandleByIndex(void *handle, unsigned index, void **found) {
  (void)handle;
  if (asked("FAKE_NVML_SLICE_RC") && index == 1) return asked("FAKE_NVML_SLICE_RC");
  *found = &slices[index];
  return (int)index < atoi(said("FAKE_NVML_SLICES", said("FAKE_NVML_MIG", "0"))) ? 0 : 6;
}
