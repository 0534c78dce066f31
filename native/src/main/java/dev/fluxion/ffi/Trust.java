package dev.fluxion.ffi;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who can have written a folder or a file: only the user of this process, or the system's administrator. File systems without
 * owners and modes, such as those of Windows, are not asked.
 */
final class Trust {
    private static final int OTHERS_WRITE = 0002;
    private static final int STICKY = 01000;

    private Trust() {}

    /** Makes the folder, which nobody else may enter, and the folders above it. Does nothing if it is there. */
    static void createFolder(Path folder) throws IOException {
        Path above = folder.getParent();
        if (above != null) {
            Files.createDirectories(above);
        }
        try {
            Files.createDirectory(folder, onlyOurs("rwx------", folder));
        } catch (FileAlreadyExistsException e) {
            requireFolder(folder);
        }
    }

    /** What a new file or folder at {@code path} is given, so that it never is anybody else's for a moment. */
    static FileAttribute<?>[] onlyOurs(String mode, Path path) {
        return hasOwners(path)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))}
                : new FileAttribute<?>[0];
    }

    /** @throws NativeUnavailableException if it is no folder, or somebody else can have put it or a file in it there */
    static void requireFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new NativeUnavailableException(Errors.notAFolder(folder), null);
        }
        requireOurs(folder);
        Path open = openAbove(folder);
        if (open != null) {
            throw new NativeUnavailableException(Errors.writableByOthers(open), null);
        }
    }

    /** The folder further up in which others may put something of theirs in the place of what lies there; null if none. */
    static @Nullable Path openAbove(Path path) throws IOException {
        Path parent = path.getParent();
        if (parent != null && hasOwners(path)) {
            for (Path above = parent.toRealPath(); above != null; above = above.getParent()) {
                int mode = (Integer) Files.getAttribute(above, "unix:mode");
                if ((mode & OTHERS_WRITE) != 0 && (mode & STICKY) == 0) {
                    return above;
                }
            }
        }
        return null;
    }

    /** @throws NativeUnavailableException if it is no plain file, or somebody else can have written it */
    static void requireFile(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new NativeUnavailableException(Errors.notAFile(file), null);
        }
        requireOurs(file);
    }

    private static void requireOurs(Path path) throws IOException {
        if (hasOwners(path)) {
            PosixFileAttributes attributes =
                    Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            UserPrincipal owner = attributes.owner();
            UserPrincipal self = self();
            if (!owner.equals(self) && !owner.getName().equals("root")) {
                throw new NativeUnavailableException(Errors.foreign(path, owner.getName(), self.getName()), null);
            }
            Set<PosixFilePermission> mode = attributes.permissions();
            if (mode.contains(PosixFilePermission.GROUP_WRITE) || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
                throw new NativeUnavailableException(Errors.writableByOthers(path), null);
            }
        }
    }

    private static boolean hasOwners(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("unix");
    }

    private static UserPrincipal self() throws IOException {
        Path process = Path.of("/proc/self");
        return Files.exists(process)
                ? Files.getOwner(process)
                : process.getFileSystem()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByName(System.getProperty("user.name"));
    }
}
