/* preprocessCore asks for a thread stack that some systems refuse; preloaded, this raises it to 1 MiB. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>

int pthread_attr_setstacksize(pthread_attr_t *attributes, size_t size) {
    int (*real)(pthread_attr_t *, size_t) = dlsym(RTLD_NEXT, "pthread_attr_setstacksize");
    return real(attributes, size < (1 << 20) ? (1 << 20) : size);
}
