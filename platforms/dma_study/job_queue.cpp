#include "platforms/dma_study/job_queue.hpp"

#include <algorithm>

#include "devices/traffic/data.hpp"

namespace tw::study {

namespace traffic = devices::traffic;

namespace {

constexpr u64 kPicosecondsPerMicrosecond = 1'000'000;

}  // namespace

traffic::Source::Answer JobQueue::next(traffic::Request& request, u64 now) {
  if (jobs_.empty()) return closed_ ? Answer::End : Answer::Later;
  Job& job = *jobs_.front();
  const u64 bytes = std::min(config_.size, job.bytes - job.issued);
  request = {.at = job.at + job.issued,
             .bytes = static_cast<u32>(bytes),
             .write = job.write,
             .stream = job.stream,
             .not_before = std::max(now, due_ps_)};
  if (config_.rate != 0) due_ps_ = request.not_before + bytes * kPicosecondsPerMicrosecond / config_.rate;
  job.issued += bytes;
  current_ = &job;
  if (job.issued == job.bytes) jobs_.pop_front();
  return Answer::Request;
}

void JobQueue::fill(const traffic::Request& request, std::span<u8> data) {
  traffic::fill(data, request.at, current_->salt, traffic::Version::Written);
}

void JobQueue::completed(const traffic::Request& request, const traffic::Result& result) {
  Job& job = *current_;
  if (!result.ok) job.ok = false;
  if (result.ok && !request.write && config_.check) {
    job.ok = job.ok && traffic::is_right(result.data, request.at, job.salt, false);
  }
  job.completed += request.bytes;
  job.done_ps = std::max(job.done_ps, result.completed);
  if (job.completed == job.bytes) job.done();
}

}  // namespace tw::study
