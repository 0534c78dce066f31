/**
 * Records of trainings. {@link dev.fluxion.reports.RunRecorder} keeps one in a folder with a report for people, {@link
 * dev.fluxion.reports.Run} and {@link dev.fluxion.reports.Runs} read and compare such folders.
 */
@NullMarked
package dev.fluxion.reports;

import org.jspecify.annotations.NullMarked;
