/** NVIDIA's library of our own making: C, compiled here, that answers, lies dead or hangs as its environment says. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** The structures are those of nvml.h, by name; FAKE_HANG: the call of that name does not return. */
const source = `
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
typedef int R; typedef void *D; typedef unsigned int U; typedef unsigned long long L;
enum { OK = 0, BAD = 2, NO = 3, DENIED = 4, LOST = 15 };
static int cell[2] = { 0, 1 };
static R at(D d, const char *call) {
  const char *hang = getenv("FAKE_HANG");
  if (hang && !strcmp(hang, call)) for (;;) pause();
  const char *lost = getenv("FAKE_LOST");
  return lost && d && *(int *)d == atoi(lost) ? LOST : OK;
}
#define OF(call) { R r = at(d, call); if (r != OK) return r; }
R nvmlInit_v2(void) { return at(0, "nvmlInit_v2"); }
R nvmlDeviceGetCount_v2(U *n) { *n = 2; return at(0, "nvmlDeviceGetCount_v2"); }
R nvmlDeviceGetHandleByIndex_v2(U i, D *d) { if (i > 1) return BAD; *d = &cell[i]; return OK; }
R nvmlDeviceGetUUID(D d, char *s, U n) { if (n < 8) return 7; strcpy(s, *(int *)d ? "GPU-b" : "GPU-a"); return OK; }
R nvmlDeviceGetName(D d, char *s, U n) { OF("nvmlDeviceGetName") strncpy(s, "NVIDIA H200", n); return OK; }
R nvmlSystemGetDriverVersion(char *s, U n) { strncpy(s, "590.48.01", n); return OK; }
typedef struct { char old[16]; U domain, bus, device, id, sub; char bus_id[32]; } Pci;
R nvmlDeviceGetPciInfo_v3(D d, Pci *p) { OF("pci") strcpy(p->bus_id, *(int *)d ? "00000000:62:00.0" : "00000000:61:00.0"); return OK; }
typedef struct { U gpu, memory; } Rates;
R nvmlDeviceGetUtilizationRates(D d, Rates *r) { OF("nvmlDeviceGetUtilizationRates") r->gpu = 75; r->memory = 25; return OK; }
R nvmlDeviceGetEncoderUtilization(D d, U *u, U *us) { OF("e") *u = 1; *us = 1000; return OK; }
R nvmlDeviceGetDecoderUtilization(D d, U *u, U *us) { return NO; }
typedef struct { U version; L total, reserved, free, used; } Memory;
R nvmlDeviceGetMemoryInfo_v2(D d, Memory *m) {
  OF("memory")
  if (m->version != (sizeof *m | 2 << 24)) return 25;
  m->total = 143771ull << 20; m->reserved = 600ull << 20; m->used = 1024ull << 20; m->free = 1;
  return OK;
}
R nvmlDeviceGetTemperature(D d, int sensor, U *t) { OF("t") if (sensor) return BAD; *t = 44; return OK; }
R nvmlDeviceGetPowerUsage(D d, U *mw) { OF("p") *mw = 350500; return OK; }
R nvmlDeviceGetEnforcedPowerLimit(D d, U *mw) { OF("l") *mw = 700000; return OK; }
R nvmlDeviceGetTotalEnergyConsumption(D d, L *mj) { OF("j") *mj = 5000000001500ull; return OK; }
R nvmlDeviceGetClockInfo(D d, int kind, U *mhz) { OF("c") *mhz = kind == 1 ? 1980 : kind == 2 ? 3201 : 0; return OK; }
R nvmlDeviceGetCurrentClocksThrottleReasons(D d, L *mask) { OF("r") *mask = 0x44; return OK; }
R nvmlDeviceGetTotalEccErrors(D d, int kind, int counter, L *n) { OF("ecc") if (counter) return BAD; *n = kind ? 2 : 9; return OK; }
R nvmlDeviceGetRemappedRows(D d, U *c, U *u, U *pending, U *failure) { OF("rows") *c = 4; *u = 3; *pending = 1; *failure = 0; return OK; }
R nvmlDeviceGetPcieThroughput(D d, int counter, U *kb) { OF("pcie") *kb = counter == 0 ? 200 : 300; return OK; }
R nvmlDeviceGetCurrPcieLinkGeneration(D d, U *n) { OF("g") *n = 5; return OK; }
R nvmlDeviceGetCurrPcieLinkWidth(D d, U *n) { OF("w") *n = 16; return OK; }
R nvmlDeviceGetPersistenceMode(D d, int *on) { OF("pm") *on = 1; return OK; }
R nvmlDeviceGetMigMode(D d, U *now, U *then) { return DENIED; }
typedef struct { U id, scope; long long time, latency; int type; R result; union { double d; U u; L l; } value; } Field;
R nvmlDeviceGetFieldValues(D d, int n, Field *f) {
  OF("fields")
  if (n != 1) return BAD;
  f->result = OK;
  switch (f->id) {
    case 82: f->type = 1; f->value.u = 51; return OK;
    case 138: f->type = 3; f->value.l = f->scope == ~0u ? 10ull << 32 : 0; return OK;
    case 139: f->type = 3; f->value.l = f->scope == ~0u ? 20ull << 32 : 0; return OK;
    case 230: f->type = 1; f->value.u = 1; return OK;
    default: f->result = NO; return OK;
  }
}
typedef struct { unsigned char cluster[16]; R status; U clique; unsigned char state; } Fabric;
R nvmlDeviceGetGpuFabricInfo(D d, Fabric *f) { OF("fabric") f->state = 3; return OK; }
`;

/** Compiled once a test file. */
export function fakeNvml(): string {
  const folder = mkdtempSync(join(tmpdir(), "mw-nvml-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const library = join(folder, "libnvidia-ml.so.1");
  writeFileSync(join(folder, "nvml.c"), source);
  execFileSync("cc", ["-shared", "-fPIC", "-w", "-o", library, join(folder, "nvml.c")]);
  return library;
}
