package dev.fluxion.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** Who may do what with a file, where the file system knows owners, groups and others. */
final class Rights {
    private static final Set<PosixFilePermission> OWN = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> GROUPS = PosixFilePermissions.fromString("---rwx---");

    private Rights() {}

    static boolean known(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** Creates a file that is to replace another, if there is one: until it has the rights of that, nobody else may read it. */
    static FileChannel create(Path part, Path file) throws IOException {
        Set<StandardOpenOption> options = EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return Files.exists(file) && known(file)
                ? FileChannel.open(part, options, PosixFilePermissions.asFileAttribute(OWN))
                : FileChannel.open(part, options);
    }

    /** Gives a file the owner, the group and the rights of another, if that exists. */
    static void copy(Path from, Path to) throws IOException {
        if (Files.exists(from) && known(from)) {
            PosixFileAttributes before = view(from).readAttributes();
            Set<PosixFilePermission> rights = EnumSet.noneOf(PosixFilePermission.class);
            rights.addAll(before.permissions());
            if (!belongs(to, before)) {
                rights.removeAll(GROUPS);
            }
            view(to).setPermissions(rights);
        }
    }

    /** Gives a file to the owner and the group of another; tells whether the group is the same now. */
    private static boolean belongs(Path to, PosixFileAttributes before) throws IOException {
        PosixFileAttributes now = view(to).readAttributes();
        try {
            if (!now.group().equals(before.group())) {
                view(to).setGroup(before.group());
            }
        } catch (IOException notAllowed) {
            return false;
        }
        try {
            if (!now.owner().equals(before.owner())) {
                view(to).setOwner(before.owner());
            }
        } catch (IOException notAllowed) {
            // Who saves becomes the owner.
        }
        return true;
    }

    private static PosixFileAttributeView view(Path file) {
        return Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }
}
