package dev.fluxion.ffi;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.util.jar.JarEntry;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/**
 * A native library on the class path.
 *
 * @param name what JavaCPP calls it, such as {@code openblas@.0#openblas_nolapack@.0}: the part after {@code #} names the file
 * @param file what the file is called that is loaded
 * @param resource where the class path has it
 * @param bytes its length
 * @param crc its CRC-32, which a jar tells without unpacking anything
 */
record Library(String name, String file, URL resource, long bytes, long crc) {
    static Library of(String name, String file, URL resource) throws IOException {
        URLConnection connection = resource.openConnection();
        if (connection instanceof JarURLConnection jar) {
            JarEntry entry = jar.getJarEntry();
            return new Library(name, file, resource, entry.getSize(), entry.getCrc());
        }
        try (CheckedInputStream content = new CheckedInputStream(resource.openStream(), new CRC32())) {
            long bytes = content.transferTo(OutputStream.nullOutputStream());
            return new Library(
                    name, file, resource, bytes, content.getChecksum().getValue());
        }
    }

    InputStream open() throws IOException {
        return resource.openStream();
    }

    /** The name under which JavaCPP remembers that it was loaded. */
    String loadedAs() {
        return name.substring(name.indexOf('#') + 1);
    }
}
