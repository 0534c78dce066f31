package dev.fluxion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are there whole or not at all, and what is told where they cannot be. */
class WholeFileTest {
    @TempDir
    Path folder;

    @Test
    void aFileIsWrittenAnew() throws IOException {
        Path file = folder.resolve("file");
        WholeFile.write(file, "a longer text – ö");
        assertThat(file).content().isEqualTo("a longer text – ö");
        WholeFile.write(file, new byte[] {1, 2, 3});
        assertThat(file).binaryContent().containsExactly(1, 2, 3);
        WholeFile.write(file, new byte[0]);
        assertThat(file).isEmptyFile();
        assertThat(folder).isDirectoryContaining(each -> each.equals(file));
    }

    @Test
    void foldersAreMade() throws IOException {
        Path deep = folder.resolve("a").resolve("b");
        WholeFile.makeFolder(deep);
        WholeFile.makeFolder(deep);
        assertThat(deep).isDirectory();
        Path file = Files.createFile(deep.resolve("file"));
        assertThatThrownBy(() -> WholeFile.makeFolder(file))
                .isInstanceOf(IOException.class)
                .hasMessage(file + ": cannot be written: a file stands where a folder is to be");
    }
}
