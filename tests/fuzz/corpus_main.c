/*
 * Runs a fuzz target once for each file of the folders given as arguments,
 * without a fuzzer: the corpus as a test of every build.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <string.h>

#define INPUT_BYTES_MAX (1024 * 1024)

static void replay_file(const char *path)
{
    static uint8_t bytes[INPUT_BYTES_MAX];
    FILE *stream = fopen(path, "rb");
    size_t length;
    uint8_t *copy;

    FUZZ_CHECK(stream != NULL);
    length = fread(bytes, 1, sizeof(bytes), stream);
    fclose(stream);
    /* Memory of its own size, so that a sanitizer sees a byte too many. */
    copy = malloc(length > 0 ? length : 1);
    FUZZ_CHECK(copy != NULL);
    memcpy(copy, bytes, length);
    LLVMFuzzerTestOneInput(copy, length);
    free(copy);
}

static size_t replay_folder(const char *folder)
{
    DIR *directory = opendir(folder);
    struct dirent *file;
    size_t count = 0;

    FUZZ_CHECK(directory != NULL);
    while ((file = readdir(directory)) != NULL) {
        char path[4096];

        if (file->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, file->d_name);
        replay_file(path);
        count++;
    }
    closedir(directory);
    return count;
}

int main(int argc, char **argv)
{
    size_t count = 0;

    for (int i = 1; i < argc; i++)
        count += replay_folder(argv[i]);
    printf("%zu inputs\n", count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
