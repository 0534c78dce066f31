package dev.fluxion.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a repository finds in its folder. */
class RepositoryTest {
    @TempDir
    private Path folder;

    private void touch(String file) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.createFile(path);
    }

    @Test
    void namesAndVersionsAreInOrder() throws IOException {
        touch("digits.fluxion");
        touch("letters/10.fluxion");
        touch("letters/2.fluxion");
        touch("letters/x.fluxion");
        touch("letters/deeper/3.fluxion");
        touch("notes.txt");
        Repository repository = Repository.of(folder);
        assertThat(repository.entries())
                .extracting(entry -> entry.name() + " " + entry.version())
                .containsExactly("digits 1", "letters 2", "letters 10");
        assertThat(repository.latest("letters")).hasValueSatisfying(entry -> assertThat(entry.file())
                .isEqualTo(folder.resolve("letters").resolve("10.fluxion")));
        assertThat(repository.latest("notes")).isEmpty();
    }

    /** As the root of a disk has one; root may read it. */
    @Test
    void aFolderThatCannotBeReadIsLeftOut() throws IOException {
        touch("digits.fluxion");
        Path closed = Files.createDirectory(folder.resolve("lost+found"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("-wx------"));
        assumeFalse(Files.isReadable(closed));
        assertThat(Repository.of(folder).entries())
                .extracting(Repository.Entry::name)
                .containsExactly("digits");
    }
}
