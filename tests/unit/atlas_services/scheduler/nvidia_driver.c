/* Stands in for the NVIDIA driver's library in tests. The environment says what it has:
   FAKE_GPUS="<uuid>|<model>|<bytes>|<m if cut into MIG devices>;..."  Empty: a driver that cannot be initialised. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 0, NOT_SUPPORTED = 3, NOT_FOUND = 6, DRIVER_NOT_LOADED = 9, LOST = 15, MOST = 8 };

typedef struct { char uuid[96], model[96]; unsigned long long memory; int cut; int part; } device;
typedef struct { unsigned long long total, free, used; } memory_info;
typedef struct { unsigned int gpu, memory; } rates;

static device cards[MOST], parts[MOST][2];
static unsigned int count;

int nvmlInitWithFlags(unsigned int flags) {
    const char *text = getenv("FAKE_GPUS");
    if (!text || !*text) return DRIVER_NOT_LOADED;
    if (!strcmp(text, "hangs")) for (;;) {}
    char copy[2048], *rest = copy, *entry;
    snprintf(copy, sizeof copy, "%s", text);
    while ((entry = strsep(&rest, ";")) && *entry && count < MOST) {
        device *card = &cards[count];
        char kind = 0;
        sscanf(entry, "%95[^|]|%95[^|]|%llu|%c", card->uuid, card->model, &card->memory, &kind);
        card->cut = kind == 'm' ? 2 : kind == 'e';
        for (int i = 0; i < 2; i++) {
            device *part = &parts[count][i];
            snprintf(part->uuid, sizeof part->uuid, "MIG-%.80s-%d", card->uuid, i);
            snprintf(part->model, sizeof part->model, "%.80s MIG 1g", card->model);
            part->memory = card->memory / 8;
            part->part = 1;
        }
        count++;
    }
    return OK;
}

int nvmlShutdown(void) { return OK; }
const char *nvmlErrorString(int result) { return result == LOST ? "GPU is lost" : "Driver Not Loaded"; }
int nvmlDeviceGetCount_v2(unsigned int *found) { *found = count; return OK; }

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, device **card) {
    *card = &cards[index];
    return strcmp(cards[index].uuid, "lost") ? OK : LOST;
}

int nvmlDeviceGetUUID(device *card, char *text, unsigned int length) {
    snprintf(text, length, "%s", card->uuid);
    return OK;
}

int nvmlDeviceGetName(device *card, char *text, unsigned int length) {
    snprintf(text, length, "%s", card->model);
    return OK;
}

int nvmlDeviceGetMemoryInfo(device *card, memory_info *info) {
    if (!card->memory) return NOT_SUPPORTED;
    info->total = card->memory, info->used = card->memory / 4, info->free = info->total - info->used;
    return OK;
}

int nvmlDeviceGetMigMode(device *card, unsigned int *current, unsigned int *pending) {
    *current = *pending = card->cut > 0;
    return strstr(card->model, "GTX") ? NOT_SUPPORTED : OK;
}

int nvmlDeviceGetMaxMigDeviceCount(device *card, unsigned int *most) { *most = 7; return OK; }

int nvmlDeviceGetMigDeviceHandleByIndex(device *card, unsigned int index, device **part) {
    if (card->cut != 2 || index % 3 || index / 3 > 1) return NOT_FOUND;
    *part = &parts[card - cards][index / 3];
    return OK;
}

int nvmlDeviceGetUtilizationRates(device *card, rates *measured) { measured->gpu = 87; measured->memory = 5; return OK; }
int nvmlDeviceGetTemperature(device *card, int sensor, unsigned int *degrees) { *degrees = 61; return OK; }
int nvmlDeviceGetPowerUsage(device *card, unsigned int *milliwatts) {
    *milliwatts = 250500;
    return strstr(card->model, "GTX") ? NOT_SUPPORTED : OK;
}
