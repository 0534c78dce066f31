package dev.fluxion.dsl;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What is in packages, be the classes of their module in a folder or in a jar. */
final class Rooms {
    private Rooms() {}

    /** All types of a package, in the order of their names, those within others among them; of the module that {@code neighbour} is of. */
    static List<Class<?>> types(Class<?> neighbour, String room)
            throws IOException, URISyntaxException, ClassNotFoundException {
        Path root = Path.of(
                neighbour.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(root)) {
            return types(root, room);
        }
        try (FileSystem jar = FileSystems.newFileSystem(root)) {
            return types(jar.getPath("/"), room);
        }
    }

    private static List<Class<?>> types(Path root, String room) throws IOException, ClassNotFoundException {
        List<Class<?>> types = new ArrayList<>();
        try (Stream<Path> files = Files.list(root.resolve(room.replace('.', '/')))) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".class") && !name.equals("package-info.class")) {
                    types.add(Class.forName(room + "." + name.replace(".class", "")));
                }
            }
        }
        return types;
    }
}
