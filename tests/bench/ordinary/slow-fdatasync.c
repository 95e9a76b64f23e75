/* Loaded in front of the C library (LD_PRELOAD): every fdatasync takes BENCH_FDATASYNC_DELAY_US longer, as on a slower disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

int fdatasync(int fd) {
  static int (*real)(int);
  static long delay_us;
  if (!real) {
    const char *delay = getenv("BENCH_FDATASYNC_DELAY_US");
    delay_us = delay ? atol(delay) : 0;
    real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  }
  int result = real(fd);
  int error = errno;
  struct timespec left = {delay_us / 1000000, delay_us % 1000000 * 1000};
  while (nanosleep(&left, &left) == -1 && errno == EINTR) {
  }
  errno = error;
  return result;
}
