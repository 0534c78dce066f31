package dev.fluxion.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    /** As the root of a disk has one, which only root may read; here one that has gone meanwhile. */
    @Test
    void aFolderThatCannotBeReadIsLeftOut() {
        assertThat(Repository.versions("lost+found", folder.resolve("lost+found")))
                .isEmpty();
    }
}
