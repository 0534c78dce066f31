package dev.fluxion.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever a PyTorch file holds, it is read or refused with a {@link TensorFileException} of a short message that prints. */
class TorchMutationTest {
    private static final List<String> FILES = List.of("views.pth", "types.pth", "checkpoint.pth", "protocol4.pth");

    private static Path file = Path.of("");

    @BeforeContainer
    static void createFile() throws IOException {
        file = Files.createTempFile("mutated", ".pth");
    }

    @AfterContainer
    static void deleteFile() throws IOException {
        Files.deleteIfExists(file);
    }

    @Property(tries = 200)
    void mutatedFiles(@ForAll Random random) throws IOException {
        byte[] content = Files.readAllBytes(Torch.recorded(FILES.get(random.nextInt(FILES.size()))));
        for (int i = random.nextInt(4); i >= 0; i--) {
            content = MutationTest.mutated(content, random);
        }
        read(content);
    }

    /** The checksums are right, so that what was changed is read. */
    @Property(tries = 300)
    void mutatedPickles(@ForAll Random random) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        Path recorded = Torch.recorded(FILES.get(random.nextInt(FILES.size())));
        try (ZipFile zip = new ZipFile(recorded.toFile())) {
            for (ZipEntry entry : zip.stream().toArray(ZipEntry[]::new)) {
                entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        String pickle = recorded.getFileName().toString().replace(".pth", "/data.pkl");
        for (int i = random.nextInt(3); i >= 0; i--) {
            entries.computeIfPresent(pickle, (name, content) -> MutationTest.mutated(content, random));
        }
        read(Torch.zip(entries, ZipEntry.STORED));
    }

    private static void read(byte[] content) throws IOException {
        Files.write(file, content);
        try {
            PyTorchFile.readWithNaN(file);
        } catch (TensorFileException e) {
            String message = e.getMessage();
            assertThat(message).startsWith(file.toString()).hasSizeLessThan(2000);
            assertThat(message.chars().filter(c -> Character.isISOControl(c) || c == 0x202e))
                    .isEmpty();
        }
    }
}
